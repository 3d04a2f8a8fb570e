//! The words every other crate shares: ids, the caller, error classes, the clock, and what an
//! utterance was understood to mean.
//!
//! This crate knows nothing of serialisation, HTTP or AWS. A type enters it when a second domain
//! crate needs it, and not before.

mod access;
mod clock;
mod entity;
mod error;
mod ids;
mod intent;
mod time_range;

pub use access::{Caller, Permission, Principal, Resource, Role, Verb};
pub use clock::{Clock, SystemClock};
pub use entity::{Comparison, Entity, EntityKind, EntityValue, Unit};
pub use error::{Classified, ErrorClass, public_message};
pub use ids::{IdError, KeyId, MessageId, RequestId, SessionId, StreamId, TenantId};
pub use intent::{Family, Intent, Understanding};
pub use time_range::TimeRange;
