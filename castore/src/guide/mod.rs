//! The guide of castore, by topic.
//!
//! 1. [Event stores](event_stores): declaring events and a reducer, pushing and reading events.
//! 2. [Changing events](evolution): reading what earlier and newer versions of a program have stored.
//! 3. [Message channels](message_channels): declaring channels, publishing messages.
//! 4. [Listeners and workers](listeners): consuming messages, failures of handlers, order.
//! 5. [Brokers](brokers): SQS, EventBridge and NATS JetStream, and what each guarantees.
//! 6. [Commands](commands): reading, deciding and pushing, with retries on version conflicts.
//! 7. [Event groups](event_groups): storing several events atomically.
//! 8. [Transactions](transactions): pushing events in a transaction of the caller, with other data.
//! 9. [Connected stores and relays](relay): two ways to publish stored events, and when to use each.
//! 10. [Read models](read_models): tables for queries, to which each event is applied exactly once.
//! 11. [Services](services): supervising relays, projections and consumers, and stopping them together.
//! 12. [Context and traces](context): storing which request and which message caused an event, and tracing with
//!     OpenTelemetry.
//! 13. [Metrics and health](metrics): the metrics for dashboards and alerts, and the health for probes of
//!     orchestrators.
//! 14. [Snapshots](snapshots): loading long event streams faster.
//! 15. [Replays](replay): publishing past events again.
//! 16. [Storages](storages): SQLite, Postgres, DynamoDB, and sharing data with TypeScript services.
//! 17. [Tenants](tenants): one Postgres schema per customer, over shared connections.
//! 18. [Errors](errors): run-time errors and compile errors, and what they mean.
//! 19. [Logs](logs): the texts and fields of log messages, for alerts.
//! 20. [The whole program](whole_program): checking, locking and drawing all parts of a program.
//! 21. [Operations](operations): showing, verifying and repairing stored data on the command line.
//! 22. [Testing](testing): tests of reducers and commands, and adapters that inject failures.
//! 23. [Adapters](adapters): writing a storage adapter or a message channel adapter.
//! 24. [Coming from Castore](from_castore): TypeScript and Rust side by side.
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
    services "services.md",
    context "context.md",
    metrics "metrics.md",
    snapshots "snapshots.md",
    replay "replay.md",
    storages "storages.md",
    tenants "tenants.md",
    errors "errors.md",
    whole_program "whole_program.md",
    operations "operations.md",
    testing "testing.md",
    adapters "adapters.md",
}

#[doc = include_str!("evolution.md")]
pub mod evolution {}

#[doc = include_str!("logs.md")]
pub mod logs {}

#[doc = include_str!("from_castore.md")]
pub mod from_castore {}
