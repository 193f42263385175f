//! Tests of the guarantees of a relay.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    reason = "tests say by panicking that something is wrong"
)]

mod engine;
mod folding;
mod lease;
mod model;
mod order;
mod outage;
mod parking;
mod replaced;
mod start;
mod support;
