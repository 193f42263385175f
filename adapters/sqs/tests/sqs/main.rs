//! What the SQS adapter promises beyond the conformance kit, and the kit itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say by panicking that something is wrong"
)]

mod conformance;
mod support;
