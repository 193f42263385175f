//! Tests of the whole library through the crate `castore`, as a program uses it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, missing_docs)]
// Generated code must not depend on the name of the crate `castore`: see `macros::renamed`.
#[allow(unused_extern_crates)]
extern crate castore as kasutoru;

mod context;
mod evolution;
mod golden;
mod health;
mod macros;
mod messaging;
mod metadata;
#[cfg(feature = "sqlite")]
mod own_transactions;
mod properties;
mod relay;
mod service;
mod snapshots;
mod store;
mod support;
mod testing;
