//! Tests that run the examples as programs.
#![allow(unreachable_pub, reason = "nothing uses a test")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod bank;
mod evolution;
mod game;
mod golden;
mod import;
mod import_bad_lines;
mod operate;
#[cfg(feature = "postgres")]
mod relay_postgres;
mod support;
mod usage;
