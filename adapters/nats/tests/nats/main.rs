//! NATS queues and buses: the conformance kit, servers that die, and what is particular to JetStream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod conformance;
mod support;
