//! Tests of the SQS adapter: the conformance kit, and behavior specific to SQS.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say by panicking that something is wrong"
)]

mod canned;
mod claims;
mod conformance;
mod domain;
mod fifo;
mod golden;
mod lambda;
mod malformed;
mod outages;
mod publishing;
mod rolling;
mod setup;
mod stopping;
mod support;
mod tampered;
mod worker;
