//! Common code of the castore adapters for AWS services.
//!
//! * [`Request`] retries requests after throttling and outages.
//! * [`publish_in_batches`] publishes many messages with batch requests.
//! * [`RuleTarget`] connects queues to the rules of EventBridge.
//! * [`PublishOptions`] contains the options that all publishing adapters have.
//!
//! This crate is for authors of adapters.
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
