//! The guide of castore, by topic.
//!
//! 1. [Event stores](event_stores): declaring events and a reducer, pushing and reading events.
//! 2. [Message channels](message_channels): declaring channels, publishing messages.
//! 3. [Listeners and workers](listeners): consuming messages, failures of handlers, order.
//! 4. [Brokers](brokers): SQS, EventBridge and NATS JetStream, and what each guarantees.
//! 5. [Commands](commands): reading, deciding and pushing, with retries on version conflicts.
//! 6. [Event groups](event_groups): storing several events atomically.
//! 7. [Connected stores and relays](relay): two ways to publish stored events, and when to use which.
//! 8. [Read models](read_models): tables for queries, to which each event is applied exactly once.
//! 9. [Snapshots](snapshots): loading long event streams faster.
//! 10. [Replays](replay): publishing past events again.
//! 11. [Storages](storages): SQLite, Postgres, DynamoDB, and sharing data with TypeScript services.
//! 12. [Errors](errors): run-time errors and compile errors, and what they mean.
//! 13. [Logs](logs): the texts and fields of log messages, for alerts.
//! 14. [Testing](testing): tests of reducers and commands, and adapters that inject failures.
//! 15. [Adapters](adapters): writing a storage adapter or a message channel adapter.
//! 16. [Coming from Castore](from_castore): TypeScript and Rust side by side.
//!
//! # Example domain
//! Most examples of the guide use the following declarations: the event stores `Pokemon` and `Trainer`, the bus
//! `AppBus` and the queue `BackupQueue`.
#![doc = "```"]
#![doc = include_str!("domain.rs")]
#![doc = "# fn main() {}"]
#![doc = "```"]

#[doc = include_str!("event_stores.md")]
pub mod event_stores {}

#[doc = include_str!("message_channels.md")]
pub mod message_channels {}

#[doc = include_str!("listeners.md")]
pub mod listeners {}

#[doc = include_str!("brokers.md")]
pub mod brokers {}

#[doc = include_str!("commands.md")]
pub mod commands {}

#[doc = include_str!("event_groups.md")]
pub mod event_groups {}

#[doc = include_str!("relay.md")]
pub mod relay {}

#[doc = include_str!("read_models.md")]
pub mod read_models {}

#[doc = include_str!("snapshots.md")]
pub mod snapshots {}

#[doc = include_str!("replay.md")]
pub mod replay {}

#[doc = include_str!("storages.md")]
pub mod storages {}

#[doc = include_str!("errors.md")]
pub mod errors {}

#[doc = include_str!("logs.md")]
pub mod logs {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("adapters.md")]
pub mod adapters {}

#[doc = include_str!("from_castore.md")]
pub mod from_castore {}
