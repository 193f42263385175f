//! Tests of the SQLite adapter: the conformance kit, and guarantees beyond it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say by panicking that something is wrong"
)]

mod cancelling;
mod conformance;
mod crash;
mod ending;
mod inbox;
mod known_versions;
mod locked;
mod log;
mod log_model;
mod opening;
mod options;
mod projections;
mod pushing;
mod reading;
mod relay;
mod replaced;
mod replaced_log;
mod sharing;
mod snapshots;
mod support;
mod transactions;
