//! Tests of the EventBridge adapter: the conformance kit, and behavior specific to EventBridge.
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
mod setup;
mod support;
mod tampered;
mod worker;
