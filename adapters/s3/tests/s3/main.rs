//! Tests of the S3 claim check.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say by panicking that something is wrong"
)]

mod brokers;
mod canned;
mod failures;
mod pointers;
mod round_trip;
mod support;
