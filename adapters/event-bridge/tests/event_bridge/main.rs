//! What the EventBridge adapter promises beyond the conformance kit, and the kit itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say by panicking that something is wrong"
)]

mod canned;
mod conformance;
mod domain;
mod evaluator;
mod failures;
mod golden;
mod lambda;
mod large;
mod patterns;
mod rules;
mod support;
mod worker;
