//! Event stores, connected and not.

mod adapters;
mod decode_errors;
mod failures;
mod futures;
mod groups;
mod hooks;
mod privacy;
pub mod readable;
mod requests;
mod streaming;
