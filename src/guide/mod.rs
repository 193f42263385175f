//! How to use castore, page by page.
//!
//! 1. [Event stores](event_stores): declare events and a reducer; push and read.
//! 2. [Message channels](message_channels): publish what happened, and listen.
//! 3. [Commands](commands): decide on what is there, and try again when somebody was faster.
//! 4. [Event groups](event_groups): several events, all or none.
//! 5. [Connected stores and relays](relay): when which, and what each guarantees.
//! 6. [Read models](read_models): tables for reading, in which each event counts once.
//! 7. [Snapshots](snapshots): long streams load fast.
//! 8. [Replays](replay): history again, into a channel.
//! 9. [Storages](storages): which one, and side by side with TypeScript services.
//! 10. [Errors](errors): what can go wrong, and what it means.
//! 11. [Testing](testing): reducers, commands, and things that fail on purpose.
//! 12. [Adapters](adapters): bring your own storage or message channel.
//! 13. [Coming from Castore](from_castore): the same things in TypeScript and here.

#[doc = include_str!("event_stores.md")]
pub mod event_stores {}

#[doc = include_str!("message_channels.md")]
pub mod message_channels {}

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
