//! Single reads and queries, over as many pages of DynamoDB's as it takes.

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};

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

/// The first `wanted` items of a query. DynamoDB ends a page at 1 MB, so one read may not be all;
/// each page brings at least one item, so there are at most `wanted` of them.
pub(crate) async fn collect(
    query: QueryFluentBuilder,
    start: Option<Item>,
    wanted: usize,
) -> Result<Vec<Item>, Failure> {
    let mut items: Vec<Item> = Vec::new();
    let mut start = start;
    loop {
        let missing = i32::try_from(wanted - items.len()).unwrap_or(i32::MAX);
        let page = query.clone().limit(missing).set_exclusive_start_key(start).send().await?;
        items.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key;
        if start.is_none() || items.len() >= wanted {
            items.truncate(wanted);
            return Ok(items);
        }
    }
}

/// An item's sort key.
pub(crate) fn sort_of(item: &Item) -> Result<&str, Failure> {
    match item.get("sk") {
        Some(AttributeValue::S(sort)) => Ok(sort),
        _ => Err(Failure::Corrupt("item: sk".to_owned())),
    }
}
