//! How to use castore, page by page.
//!
//! 1. [Event stores](event_stores): declare events and a reducer; push and read.
//! 2. [Message channels](message_channels): publish what happened, and listen.
//! 3. [Listeners and workers](listeners): consume, typed, whatever the broker; what becomes of a message that fails.
//! 4. [Brokers](brokers): SQS, EventBridge, NATS JetStream; which one, and what each guarantees.
//! 5. [Commands](commands): decide on what is there, and try again when somebody was faster.
//! 6. [Event groups](event_groups): several events, all or none.
//! 7. [Connected stores and relays](relay): when which, and what each guarantees.
//! 8. [Read models](read_models): tables for reading, in which each event counts once.
//! 9. [Snapshots](snapshots): long streams load fast.
//! 10. [Replays](replay): history again, into a channel.
//! 11. [Storages](storages): which one, and side by side with TypeScript services.
//! 12. [Errors](errors): what can go wrong, and what it means.
//! 13. [Testing](testing): reducers, commands, and things that fail on purpose.
//! 14. [Adapters](adapters): bring your own storage or message channel.
//! 15. [Coming from Castore](from_castore): the same things in TypeScript and here.

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

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("adapters.md")]
pub mod adapters {}

#[doc = include_str!("from_castore.md")]
pub mod from_castore {}
