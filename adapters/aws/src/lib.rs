//! Common code of the [castore](https://docs.rs/castore) adapters for AWS services. This crate is for authors of
//! adapters. Programs use the adapters, such as `castore-sqs` and `castore-event-bridge`.
//!
//! * [`Request`] retries requests after throttling and outages.
//! * [`publish_in_batches`] publishes many messages with batch requests.
//! * [`RuleTarget`] is the trait for targets of EventBridge rules, such as queues.
//! * [`PublishOptions`] contains the options that all publishing adapters have.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod batch;
mod client;
mod publish;
mod request;
mod resource_name;
mod rule_target;

pub use batch::{
    BatchEntry, BatchFailure, BatchLimits, EntryOutcome, EntryTooLargeError, Rejection, publish_in_batches,
};
pub use publish::{MessageIdentity, OutgoingMessage, PublishOptions, SerializedMessage};
pub use request::{ErrorCodeKind, FailureClass, Request, RequestError, RequestPolicy};
pub use resource_name::ResourceName;
pub use rule_target::RuleTarget;
