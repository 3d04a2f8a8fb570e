//! Questions about records: the lines of logs and the spans of traces.
//!
//! Both are things with named fields, so both are read alike: [`Schema`] is what a catalog says a
//! record has, and [`read`] turns a question into an [`Ask`], conditions on fields and what is made
//! of the records that meet them. LogQL and TraceQL each say it in their own way.

mod ask;
mod field;
mod read;
mod schema;

pub(crate) use self::{
    ask::{Ask, Condition, Measure, Test, Text, alternatives, described},
    field::{Field, Form, Known, Part, Role, Value},
    read::{Reader, Signal},
    schema::Schema,
};
