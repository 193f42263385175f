//! Tests of the whole system, through the facade alone: what a program that depends on `castore` sees.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, missing_docs)]
// The generated code must not need the facade's own name: see `macros::renamed`.
#[allow(unused_extern_crates)]
extern crate castore as kasutoru;

mod golden;
mod macros;
mod messaging;
mod properties;
mod relay;
mod snapshots;
mod store;
mod support;
mod testing;
