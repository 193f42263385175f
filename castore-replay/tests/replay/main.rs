//! Tests of the guarantees of replays.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod domain;
mod golden;
mod memory;
mod model;
mod options;
mod rate;
mod resume;
mod storages;
mod undeclared;
