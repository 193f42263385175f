//! The EventBridge message bus adapter of [castore](https://docs.rs/castore): messages as those of the original
//! `@castore/message-bus-adapter-event-bridge`, so that services in TypeScript and in Rust may publish and listen side by
//! side.
//!
//! * [`EventBridgeMessageBusAdapter`] publishes. EventBridge delivers at least once and in any order, so it is no adapter
//!   for a bus that promises one.
//! * [`EventPattern`] is the filter of a listener as the pattern of a rule, and [`Rule`] deploys it: what EventBridge
//!   delivers and what the program expects cannot drift apart.
//! * [`EventBridgeMessageBusMessage`] is what a Lambda function behind a rule is called with: of the whole bus, of one
//!   event store, or of chosen event types.
//! * [`EventBridgeEnvelope`] is what any other target of a rule gets, an SQS queue say.
//!
//! # What to add
//! The client is yours, and so is its HTTP client: this crate brings neither TLS nor credentials. The shortest way is
//! `aws-config` and `aws-sdk-eventbridge` with their default features. To choose the TLS stack, take both with
//! `default-features = false, features = ["rt-tokio"]` (for `aws-config`, `behavior-version-latest` too), and give the
//! configuration an HTTP client of `aws-smithy-http-client`, with its feature `rustls-ring`, say.
//!
//! # Events
//! The source of an event is the event store, its detail is the message, and its detail type is
//!
//! | message | published | as a replay |
//! |---|---|---|
//! | carries an event | the type of the event | `__REPLAYED__` |
//! | aggregate-exists | `__AGGREGATE_EXISTS__` | `__AGGREGATE_EXISTS__` |
//!
//! A replayed aggregate-exists message thus looks as if it was not replayed, as with the original. That can be
//! [changed](EventBridgeAdapterBuilder::mark_replays_in_detail).
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod bus_name;
mod entry;
mod lambda;
mod pattern;
mod publish;
mod receive;

/// The client that adapters are given.
pub use aws_sdk_eventbridge;
pub use bus_name::{EventBusName, EventBusNameError};
pub use entry::ReservedEventTypeError;
pub use lambda::{AllEvents, AllSources, EventBridgeMessageBusMessage, Narrows};
pub use pattern::{DeployRuleError, EventPattern, Rule};
pub use publish::{EventBridgeAdapterBuilder, EventBridgeMessageBusAdapter, RefusedEventError};
pub use receive::{EventBridgeEnvelope, MalformedEventError, ReceiveError};
