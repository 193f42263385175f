//! How to use castore, page by page.
//!
//! 1. [Event stores](event_stores): declare events and a reducer; push and read.
//! 2. [Message channels](message_channels): publish what happened, and listen.
//! 3. [Commands](commands): decide on what is there, and try again when somebody was faster.
//! 4. [Event groups](event_groups): several events, all or none.
//! 5. [Errors](errors): what can go wrong, and what it means.
//! 6. [Testing](testing): reducers, commands, and things that fail on purpose.
//! 7. [Adapters](adapters): bring your own storage or message channel.
//! 8. [Coming from Castore](from_castore): the same things in TypeScript and here.

#[doc = include_str!("event_stores.md")]
pub mod event_stores {}

#[doc = include_str!("message_channels.md")]
pub mod message_channels {}

#[doc = include_str!("commands.md")]
pub mod commands {}

#[doc = include_str!("event_groups.md")]
pub mod event_groups {}

#[doc = include_str!("errors.md")]
pub mod errors {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("adapters.md")]
pub mod adapters {}

#[doc = include_str!("from_castore.md")]
pub mod from_castore {}
