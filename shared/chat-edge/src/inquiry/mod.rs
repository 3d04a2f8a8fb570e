//! Texts that are no messages: their requests, checked, and what is answered to them.

mod catalog;
mod run;
mod translate;
mod understand;

pub use self::{
    run::{ReadQuery, ran},
    translate::{ReadTranslation, translated},
    understand::{ReadInquiry, understood},
};
