//! Tools that use the description of a program: the lock of its events, its graph, and its schemas.
//!
//! A program is declared with `wiring!`. Add this crate as a development dependency, or enable the feature `inspect` of
//! the crate `castore`, which re-exports it.
//!
//! | task | see |
//! |---|---|
//! | fail a test when stored events could no longer be read | [`locked!`] |
//! | draw the program | [`Inspect::graph`] |
//! | describe the messages for other languages | [`Inspect::asyncapi`], [`Inspect::json_schema`] |
//! | write a folder for an event catalog | [`Inspect::catalog`] |
//! | pass the description to a tool | [`Inspect::to_json`] |
//! | remove personal data from stored events | [`forget`] |
//! | do this on the command line | [`operate`], with the tool cargo-castore |
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod forget;
pub mod lock;
mod operate;
mod outputs;
mod relay_names;

pub use lock::Samples;
pub use operate::{Operate, operate};
pub use outputs::{Graph, Inspect};
