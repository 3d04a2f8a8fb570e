//! Single reads and queries, over as many pages of DynamoDB's as it takes.

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use futures::stream::{self, Stream, StreamExt, TryStreamExt};

use crate::{DynamoStore, Item, failure::Failure, fields::text, items::key_item, keys::Key};

impl DynamoStore {
    /// Reads are consistent throughout: the next request of a conversation may be served by another
    /// instance a moment later.
    pub(crate) async fn get(&self, key: Key) -> Result<Option<Item>, Failure> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .send()
            .await?;
        Ok(output.item)
    }

    /// A query in one partition of the table, for sort keys from `first` to `last`.
    pub(crate) fn range(
        &self,
        partition: String,
        first: impl Into<String>,
        last: impl Into<String>,
    ) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :partition AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":partition", text(partition))
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":last", text(last))
    }
}

/// The part of a query that is still to be read.
struct Rest {
    query: QueryFluentBuilder,
    start: Option<Item>,
    wanted: usize,
}

impl Rest {
    /// DynamoDB's next page, and what is left then.
    async fn next_page(self) -> Result<(Vec<Item>, Option<Self>), Failure> {
        let Self { query, start, wanted } = self;
        let limit = i32::try_from(wanted).unwrap_or(i32::MAX);
        let page = query.clone().limit(limit).set_exclusive_start_key(start).send().await?;
        let mut items = page.items.unwrap_or_default();
        items.truncate(wanted);
        let wanted = wanted - items.len();
        let end = page.last_evaluated_key.filter(|_| wanted > 0);
        Ok((items, end.map(|end| Self { query, start: Some(end), wanted })))
    }
}

/// The first `wanted` items of a query, read as far as they are asked for. DynamoDB ends a page at
/// 1 MB, so one read may not be all; each page brings at least one item, so there are at most
/// `wanted` of them.
pub(crate) fn items(
    query: QueryFluentBuilder,
    start: Option<Item>,
    wanted: usize,
) -> impl Stream<Item = Result<Item, Failure>> + Send {
    let all = Rest { query, start, wanted };
    let pages = stream::try_unfold(Some(all), |rest| async {
        match rest {
            None => Ok::<_, Failure>(None),
            Some(rest) => rest.next_page().await.map(Some),
        }
    });
    pages.map_ok(|page| stream::iter(page).map(Ok)).try_flatten()
}

/// The first `wanted` items of a query, all at once.
pub(crate) async fn collect(
    query: QueryFluentBuilder,
    start: Option<Item>,
    wanted: usize,
) -> Result<Vec<Item>, Failure> {
    items(query, start, wanted).try_collect().await
}

/// An item's sort key.
pub(crate) fn sort_of(item: &Item) -> Result<&str, Failure> {
    match item.get("sk") {
        Some(AttributeValue::S(sort)) => Ok(sort),
        _ => Err(Failure::Corrupt("item: sk".to_owned())),
    }
}
