//! Tests of the outputs and of the lock, on one program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod describe;
mod documents;
mod game;
mod json_schema;
mod lock;
mod outputs;
mod retired;
mod samples;
