//! What crosses a boundary: HTTP bodies, stream events, and the payloads functions exchange.
//!
//! Wire types only, with their names, limits and the table of routes. Functions convert them to and
//! from the domain's types; nothing here knows how a request is served.

pub mod catalog;
pub mod entity;
pub mod error;
pub mod event;
pub mod health;
pub mod message;
pub mod nlp;
pub mod openapi;
pub mod operation;
pub mod page;
pub mod query;
pub mod routes;
pub mod session;
