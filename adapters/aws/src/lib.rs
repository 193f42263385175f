//! What the adapters of castore for services of AWS share: [`Request`] asks again after throttling and outages, and
//! [`publish_in_batches`] publishes many messages with requests that take a few of them.
//!
//! For the authors of adapters.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod batch;
mod request;

pub use batch::{
    BatchEntry, BatchFailure, BatchLimits, EntryOutcome, EntryTooLargeError, Rejection, publish_in_batches,
};
pub use request::{ErrorCodeKind, FailureClass, Request, RequestError, RequestPolicy};
