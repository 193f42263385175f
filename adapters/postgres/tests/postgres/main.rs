//! The conformance test kit for the Postgres adapter, and tests specific to it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say by panicking that something is wrong"
)]

mod conformance;
mod deletion;
mod golden;
mod groups;
mod inbox;
mod isolation;
mod known_versions;
mod listing;
mod log;
mod pgbouncer;
mod projection;
mod pushing;
mod relay;
mod replaced_log;
mod rolling;
mod schema_sql;
mod snapshots;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
mod sqlx;
mod support;
mod tables;
mod tenants;
mod transactions;
mod wrapped;
