//! Message buses of [castore](https://docs.rs/castore) on EventBridge. Applications use this crate as
//! `castore::event_bridge`, with the feature `event-bridge` of the `castore` crate. The page about brokers of its
//! [guide](https://docs.rs/castore/latest/castore/guide/brokers/) has an example.
//!
//! The messages have the format of the original TypeScript package `@castore/message-bus-adapter-event-bridge`, so that
//! services in TypeScript and in Rust can publish and listen on the same bus. EventBridge has no consumers of its own:
//! a *rule* of the event bus delivers the messages that match its pattern to a *target*, such as an SQS queue or a
//! Lambda function.
//!
//! * [`EventBridgeMessageBusAdapter`] publishes messages. EventBridge delivers at least once and in any order, so the
//!   adapter cannot be attached to an ordered bus.
//! * [`EventPattern`] converts the filter of a listener into the pattern of a rule, and [`Rule`] deploys the rule. Thus
//!   the rule delivers the messages that pass the filter. [`EventBridgeConsumerSetup`] creates the event bus, the rule,
//!   the queue behind the rule, and the policy of the queue.
//! * [`EventBridgeMessageBusMessage`] is the input of a Lambda function that is the target of a rule. It contains a
//!   message of the whole bus, of one event store, or of selected event types.
//! * [`EventBridgeEnvelope`] is the input of any other target. For example, a worker of an SQS queue reads the message
//!   from this envelope.
//!
//! # Dependencies
//! The program provides the EventBridge client and its HTTP client, because this crate includes neither TLS nor
//! credentials. The simplest way is to add `aws-config` and `aws-sdk-eventbridge` with their default features.
//!
//! To choose the TLS stack, add both crates with `default-features = false, features = ["rt-tokio"]`. `aws-config` also
//! needs the feature `behavior-version-latest`. Then set an HTTP client of the crate `aws-smithy-http-client` in the
//! configuration, for example with its feature `rustls-ring`.
//!
//! # Events
//! An EventBridge event has a source, a detail type and a detail. The source is the id of the event store, and the
//! detail is the message as JSON. The detail type depends on the message:
//!
//! | message | live | replay |
//! |---|---|---|
//! | with an event | the type of the event | `__REPLAYED__` |
//! | aggregate-exists | `__AGGREGATE_EXISTS__` | `__AGGREGATE_EXISTS__` |
//!
//! As with the original package, a replayed aggregate-exists message looks like a live one. To distinguish them, set
//! the option [`mark_replays_in_detail`](EventBridgeAdapterBuilder::mark_replays_in_detail), which adds a mark to the
//! detail of the replayed message.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod bus_name;
mod entry;
mod lambda;
mod pattern;
mod publish;
mod receive;
mod setup;

/// The AWS SDK crate that provides the client of the adapters.
pub use aws_sdk_eventbridge;
pub use bus_name::{EventBusName, EventBusNameError};
pub use castore_aws::{RequestError, RuleTarget};
pub use entry::ReservedEventTypeError;
pub use lambda::{AllEvents, AllSources, EventBridgeMessageBusMessage, Narrows};
pub use pattern::{DeployRuleError, EventPattern, Rule};
pub use publish::{EventBridgeAdapterBuilder, EventBridgeMessageBusAdapter, RefusedEventError};
pub use receive::{EventBridgeEnvelope, MalformedEventError, ReceiveError};
pub use setup::{EventBridgeConsumerSetup, EventBridgeSetupError};
