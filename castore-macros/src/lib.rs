//! The macros of castore. They are documented, and meant to be used, through the crate `castore`.
#![forbid(unsafe_code)]

mod attrs;
mod casing;
mod command;
mod errors;
mod event;
mod event_store;
mod generics;
mod item_kind;
mod krate;
mod message_channel;
mod options;
mod serde_attr;
mod suggest;
#[cfg(test)]
mod testing;
mod text;

use proc_macro::TokenStream;

/// Makes an enum the events of an event store: each variant is an event type, its fields are the payload.
#[proc_macro_derive(Event, attributes(event, serde))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    event::derive(input.into()).into()
}

/// Makes a type the state of an aggregate, and thereby names an event store.
#[proc_macro_attribute]
pub fn event_store(attr: TokenStream, item: TokenStream) -> TokenStream {
    event_store::event_store(attr.into(), item.into()).into()
}

/// Declares message channels and the event stores whose messages they carry.
#[proc_macro]
pub fn message_channel(body: TokenStream) -> TokenStream {
    message_channel::message_channel(body.into()).into()
}

/// Declares one message channel, outside of `message_channel!`.
#[proc_macro_attribute]
pub fn channel(attr: TokenStream, item: TokenStream) -> TokenStream {
    message_channel::channel(attr.into(), item.into()).into()
}

/// Makes an async function a command, which runs again when another writer was faster.
#[proc_macro_attribute]
pub fn command(attr: TokenStream, item: TokenStream) -> TokenStream {
    command::command(attr.into(), item.into()).into()
}
