//! Tests of NATS queues and buses: the conformance kit, server failures, and behavior specific to JetStream.
//!
//! The tests mostly wait. With `RUST_TEST_THREADS=16` they take a minute.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod conformance;
mod consuming;
mod dead_letters;
mod deletions;
mod domain;
mod durables;
mod handler_state;
mod outages;
mod publishing;
mod rolling;
mod server;
mod setup;
mod sizes;
mod streams;
mod support;
mod wire;
