//! The guide of castore, by topic.
//!
//! 1. [Event stores](event_stores): declaring events and a reducer, pushing and reading events.
//! 2. [Message channels](message_channels): declaring channels, publishing messages.
//! 3. [Listeners and workers](listeners): consuming messages, failures of handlers, order.
//! 4. [Brokers](brokers): SQS, EventBridge and NATS JetStream, and what each guarantees.
//! 5. [Commands](commands): reading, deciding and pushing, with retries on version conflicts.
//! 6. [Event groups](event_groups): storing several events atomically.
//! 7. [Transactions](transactions): pushing events in a transaction of the caller, with other data.
//! 8. [Connected stores and relays](relay): two ways to publish stored events, and when to use which.
//! 9. [Read models](read_models): tables for queries, to which each event is applied exactly once.
//! 10. [Snapshots](snapshots): loading long event streams faster.
//! 11. [Replays](replay): publishing past events again.
//! 12. [Storages](storages): SQLite, Postgres, DynamoDB, and sharing data with TypeScript services.
//! 13. [Errors](errors): run-time errors and compile errors, and what they mean.
//! 14. [Logs](logs): the texts and fields of log messages, for alerts.
//! 15. [Testing](testing): tests of reducers and commands, and adapters that inject failures.
//! 16. [Adapters](adapters): writing a storage adapter or a message channel adapter.
//! 17. [Coming from Castore](from_castore): TypeScript and Rust side by side.
//!
//! # Example domain
//! Most examples of the guide use the following declarations: the event stores `Pokemon` and `Trainer`, the bus
//! `AppBus` and the queue `BackupQueue`.
#![doc = "```"]
#![doc = include_str!("domain.rs")]
#![doc = "# fn main() {}"]
#![doc = "```"]

/// Declares pages whose examples use the example domain. Each page ends with the declarations of the domain.
macro_rules! pages_with_domain {
    ($($name:ident $page:literal),* $(,)?) => {$(
        #[doc = include_str!($page)]
        #[doc = "\n## Types of the examples\n\n```"]
        #[doc = include_str!("domain.rs")]
        #[doc = "# fn main() {}\n```"]
        pub mod $name {}
    )*};
}

pages_with_domain! {
    event_stores "event_stores.md",
    message_channels "message_channels.md",
    listeners "listeners.md",
    brokers "brokers.md",
    commands "commands.md",
    event_groups "event_groups.md",
    transactions "transactions.md",
    relay "relay.md",
    read_models "read_models.md",
    snapshots "snapshots.md",
    replay "replay.md",
    storages "storages.md",
    errors "errors.md",
    testing "testing.md",
    adapters "adapters.md",
}

#[doc = include_str!("logs.md")]
pub mod logs {}

#[doc = include_str!("from_castore.md")]
pub mod from_castore {}
