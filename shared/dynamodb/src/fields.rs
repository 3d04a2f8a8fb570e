//! Attributes of items, written and read back with a clear complaint when one is not as it should
//! be.

use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{Item, failure::Failure};

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// RFC 3339 at a fixed width, so that text sorts as time does.
pub(crate) fn instant(moment: Timestamp) -> String {
    format!("{moment:.9}")
}

/// The table's TTL attribute counts whole seconds; an item lives at least as long as it was to.
pub(crate) fn ttl(moment: Timestamp) -> AttributeValue {
    number(moment.as_second() + i64::from(moment.subsec_nanosecond() > 0))
}

/// An item that is being read.
pub(crate) struct Fields {
    /// What it is, for complaints.
    what: &'static str,
    item: Item,
}

impl Fields {
    pub(crate) fn new(what: &'static str, item: Item) -> Self {
        Self { what, item }
    }

    fn complaint(&self, name: &str) -> Failure {
        Failure::Corrupt(format!("{}: {name}", self.what))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.item.contains_key(name)
    }

    /// A text that may be absent. It is moved out: contents can be large.
    pub(crate) fn optional_text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        match self.item.remove(name) {
            None => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(text)),
            Some(_) => Err(self.complaint(name)),
        }
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<String, Failure> {
        self.optional_text(name)?.ok_or_else(|| self.complaint(name))
    }

    /// A text that means something: an id, a time.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &str) -> Result<T, Failure> {
        self.text(name)?.parse().map_err(|_| self.complaint(name))
    }

    pub(crate) fn optional_parsed<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, Failure> {
        let text = self.optional_text(name)?;
        text.map(|text| text.parse().map_err(|_| self.complaint(name))).transpose()
    }

    /// A text that a table of names knows.
    pub(crate) fn named<T>(
        &mut self,
        name: &str,
        from_name: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Failure> {
        let text = self.text(name)?;
        from_name(&text).ok_or_else(|| self.complaint(name))
    }

    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<T, Failure> {
        match self.item.get(name) {
            Some(AttributeValue::N(number)) => number.parse().map_err(|_| self.complaint(name)),
            _ => Err(self.complaint(name)),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.item.get(name) {
            Some(AttributeValue::Bool(flag)) => Ok(*flag),
            _ => Err(self.complaint(name)),
        }
    }

    pub(crate) fn bytes<const N: usize>(&self, name: &str) -> Result<[u8; N], Failure> {
        match self.item.get(name) {
            Some(AttributeValue::B(blob)) => {
                blob.as_ref().try_into().map_err(|_| self.complaint(name))
            }
            _ => Err(self.complaint(name)),
        }
    }

    pub(crate) fn json(&mut self, name: &str) -> Result<Value, Failure> {
        serde_json::from_str(&self.text(name)?).map_err(|_| self.complaint(name))
    }

    pub(crate) fn json_object(&mut self, name: &str) -> Result<Map<String, Value>, Failure> {
        match self.json(name)? {
            Value::Object(object) => Ok(object),
            _ => Err(self.complaint(name)),
        }
    }

    /// Whether the item's time is up at `now`: DynamoDB deletes expired items when it gets to it.
    pub(crate) fn is_expired(&self, now: Timestamp) -> Result<bool, Failure> {
        Ok(self.number::<i64>("expires_at")? <= now.as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_come_back_exactly() {
        for moment in ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123456789Z"] {
            let moment: Timestamp = moment.parse().unwrap();
            assert_eq!(instant(moment).len(), 30);
            assert_eq!(instant(moment).parse::<Timestamp>().unwrap(), moment);
        }
    }

    #[test]
    fn a_ttl_is_never_early() {
        for (moment, second) in [("1970-01-01T00:00:09Z", "9"), ("1970-01-01T00:00:09.1Z", "10")] {
            let moment: Timestamp = moment.parse().unwrap();
            assert_eq!(ttl(moment), AttributeValue::N(second.to_owned()));
        }
    }

    #[test]
    fn an_attribute_of_the_wrong_kind_is_named() {
        let item = Item::from([("count".to_owned(), text("three"))]);
        let mut fields = Fields::new("session", item);
        for failure in [
            fields.number::<u32>("count").unwrap_err(),
            fields.parsed::<u32>("count").unwrap_err(),
            fields.text("count").unwrap_err(),
        ] {
            assert!(matches!(failure, Failure::Corrupt(what) if what == "session: count"));
        }
    }
}
