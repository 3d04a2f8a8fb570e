//! The store: sessions, turns, event logs, keys and counts.

mod access;
mod claims;
mod erasure;
mod events;
mod listings;
mod sessions;
mod tenants;
mod turns;
