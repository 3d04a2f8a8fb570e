//! A shop to watch: six services whose traffic, errors, latency, CPU and memory are a pure function
//! of the time and of what was deployed when.
//!
//! Because the numbers are a function of the time, the metrics that Prometheus scrapes live and the
//! history that is back-filled into it are the same series, and an answer about any moment can be
//! checked against [`Generator::increase`]. The services have troubles at known times of the day
//! (all UTC), listed in one table, [`trouble::TROUBLES`]:
//!
//! | service | when | what happens |
//! |---|---|---|
//! | payment | every 3 h from 00:20, 15 min | the card provider times out: 5 % 502, 3 % 504 |
//! | payment | always | about 1.3 % 5xx: 500, 502, 503 and 504 |
//! | checkout | every 4 h from 01:40, 20 min | slow inventory look-ups: four times the latency |
//! | checkout | 00:50 and 12:50, 20 min | replica 1 answers 6 % of requests with 500 |
//! | auth | always | leaks memory: each replica is killed at its limit every 6 h (replica 0 at 01:00, 07:00, …; 1 at 03:00, …; 2 at 05:00, …) |
//! | orders | every 6 h from 02:10, 30 min | CPU saturated: 1.8 times the latency, 2 % 503 |
//! | orders | 04:30, 5 min | database failover: 70 % 503 |
//! | api-gateway | every 6 h from 05:30, 10 min | a burst of clients: 2.5 times the traffic, 15 % 429 |
//!
//! Besides, every replica is recycled once a night (03:00 UTC and ten minutes per replica), and a
//! deployment restarts every replica of its service at once. A version whose name ends in `-bad`
//! fails 20 % of requests and is three times as slow.
//!
//! What the services do is in their logs as well ([`log_lines`]): every request that fails, one in
//! [`SUCCESS_EVERY`] of the others, and every start of a process. payment, checkout, auth and orders
//! write JSON, api-gateway and frontend logfmt.
//!
//! This crate must not know who asks: nothing of the copilot, its questions or its answers is here.

mod backfill;
mod catalog;
mod day;
mod deployment;
mod error;
mod exposition;
mod generator;
mod health;
mod history;
mod http;
mod lifetime;
mod logs;
mod noise;
mod scrape_config;
mod series;
mod state;
pub mod trouble;

pub use backfill::{Backfill, BackfillReport};
pub use catalog::{BUCKETS_SECONDS, LogFormat, Route, SERVICES, Service};
pub use deployment::{Deployment, DeploymentLog};
pub use error::Error;
pub use exposition::exposition;
pub use generator::{Generator, Increase, Sample};
pub use health::{Health, Status, health};
pub use history::{HistoryRange, write_history};
pub use http::{Shop, router};
pub use logs::{LogLine, LogPush, LokiTarget, SUCCESS_EVERY, log_lines};
pub use scrape_config::scrape_config;
pub use state::StateFile;
