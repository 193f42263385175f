//! Tests of generated code: with a renamed `castore`, without a prelude, with unusual names, and with all shapes of
//! events, states, ids and channels.

mod channels;
mod event_types;
mod metadata;
mod payloads;
mod raw_identifiers;
mod renamed;
mod renamed_channels;
mod serde_attributes;
mod shadowed;
mod states;
mod typed_ids;
mod visibility;
