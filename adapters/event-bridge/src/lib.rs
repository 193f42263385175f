//! The EventBridge message bus adapter of [castore](https://docs.rs/castore). Its messages have the format of the
//! original `@castore/message-bus-adapter-event-bridge`, so that services in TypeScript and in Rust can publish and
//! listen on the same bus.
//!
//! * [`EventBridgeMessageBusAdapter`] publishes messages. EventBridge delivers at least once and in any order, so the
//!   adapter cannot be attached to an ordered bus.
//! * [`EventPattern`] converts the filter of a listener into the pattern of a rule, and [`Rule`] deploys the rule. Thus
//!   the rule always delivers the messages that the program expects. [`EventBridgeConsumerSetup`] also creates the event
//!   bus, the queue behind the rule, and its policy.
//! * [`EventBridgeMessageBusMessage`] is the input of a Lambda function that is the target of a rule: messages of the
//!   whole bus, of one event store, or of selected event types.
//! * [`EventBridgeEnvelope`] is the input of any other target of a rule, for example an SQS queue.
//!
//! # Dependencies
//! The caller provides the client and its HTTP client, because this crate includes neither TLS nor credentials. The
//! simplest way is to add `aws-config` and `aws-sdk-eventbridge` with their default features. To choose the TLS stack,
//! add both crates with `default-features = false, features = ["rt-tokio"]` (for `aws-config` also
//! `behavior-version-latest`). Then set an HTTP client of `aws-smithy-http-client` in the configuration, for example
//! with its feature `rustls-ring`.
//!
//! # Events
//! The source of an EventBridge event is the id of the event store, and the detail is the message. The detail type
//! depends on the message:
//!
//! | message | live | replay |
//! |---|---|---|
//! | with an event | the type of the event | `__REPLAYED__` |
//! | aggregate-exists | `__AGGREGATE_EXISTS__` | `__AGGREGATE_EXISTS__` |
//!
//! A replayed aggregate-exists message thus looks like a live one, as it does with the original package. The option
//! [`mark_replays_in_detail`](EventBridgeAdapterBuilder::mark_replays_in_detail) adds a mark to the detail of such
//! messages.
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
