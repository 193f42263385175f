//! One trace from an HTTP request through Postgres, a relay, NATS and SQS, to handlers that push again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, reason = "tests")]

mod meter;
mod spans;
mod trace;
