//! Tests of traces and metrics in OpenTelemetry. The test of traces follows one trace from an HTTP request through
//! Postgres, a relay, NATS and SQS, to handlers that push further events.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, reason = "tests")]

mod meter;
mod spans;
mod trace;
