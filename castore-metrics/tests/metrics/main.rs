//! Tests of the values that the facade `metrics` receives from the parts of a program, and of the documents about the
//! instruments.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod documents;
mod measured;
mod recorder;

include!("../../../castore/src/guide/domain.rs");
