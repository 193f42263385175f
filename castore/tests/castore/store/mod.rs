//! Tests of event stores, with and without connections to message channels.

mod adapters;
mod any_errors;
mod decode_errors;
mod dropped_pushes;
mod failures;
mod forms;
mod futures;
mod gaps;
mod groups;
mod hooks;
mod privacy;
pub mod readable;
mod requests;
mod streaming;
mod undeclared;
mod unsafe_integers;
