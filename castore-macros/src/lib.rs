//! The macros of castore. They are documented, and meant to be used, through the crate `castore`.
#![forbid(unsafe_code)]

mod attrs;
mod casing;
mod command;
mod errors;
mod event;
mod event_store;
mod event_subset;
mod generics;
mod item_kind;
mod krate;
mod message_channel;
mod names;
mod options;
mod serde_attr;
mod suggest;
#[cfg(test)]
mod testing;
mod text;

use proc_macro::TokenStream;

/// Makes an enum the events of an event store: each variant is an event type, and what it holds is the payload.
///
/// A variant without fields has no payload, one with named fields has them as its payload, and one with a single
/// unnamed field has that value as its payload. Payloads are written and read by serde: their types derive
/// `serde::Serialize` and `serde::Deserialize`, the enum itself need not. The enum of the event types is generated
/// beside it: `PokemonEventType` for `PokemonEvent`.
///
/// # Optional, on the enum
///
/// * `#[event(rename_all = "SCREAMING_SNAKE_CASE")]`: how event types are made from the names of the variants, in one of
///   serde's casings: `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE`,
///   `kebab-case`, `SCREAMING-KEBAB-CASE`. Without it, an event type is the variant's name as it is.
/// * `#[event(crate = ::path)]`: where castore is, if not at `::castore`.
///
/// # Optional, on a variant
///
/// * `#[event(type = "CAUGHT_BY_TRAINER")]`: the event type.
///
/// # Serde's attributes
///
/// These are supported, and mean what they mean to serde:
///
/// * on fields: `rename`, `alias`, `default`, `flatten`, `skip`, `skip_serializing`, `skip_deserializing`,
///   `skip_serializing_if`, `with`, `serialize_with`, `deserialize_with`, `borrow`, `bound`
/// * on variants, about their fields: `rename_all`, `with`, `serialize_with`, `deserialize_with`, `borrow`, `bound`
/// * on the enum: `rename_all_fields`, `deny_unknown_fields`, and `crate` for a serde derive beside this one
///
/// All others are errors. `#[event]` names and tags events, in place of serde.
///
/// # Example
///
/// ```
/// use castore::prelude::*;
///
/// # #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
/// # pub struct CaughtByTrainer { trainer_id: String }
/// #[derive(Debug, Clone, PartialEq, Event)]
/// #[event(rename_all = "SCREAMING_SNAKE_CASE")]
/// pub enum PokemonEvent {
///     Appeared { name: String, level: u32 }, // type "APPEARED", payload {"name": …, "level": …}
///     #[event(type = "CAUGHT_BY_TRAINER")]
///     Caught(CaughtByTrainer), // payload = the struct
///     LevelledUp, // no payload
/// }
///
/// assert_eq!(PokemonEvent::LevelledUp.event_type().as_str(), "LEVELLED_UP");
/// ```
#[doc = include_str!("../expansions/event.md")]
#[proc_macro_derive(Event, attributes(event, serde))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    event::derive(input.into()).into()
}

/// Makes an enum some of the events of an event enum: what a listener of chosen event types receives, so that its `match`
/// is exhaustive over those alone.
///
/// The enum repeats the variants that it is about, each with the fields it needs: all of them, some of them (named ones),
/// or none. Nothing is read from JSON: events are narrowed by cloning what is repeated, so the fields need not be
/// serialisable. `Clone` is derived beside it.
///
/// # Required
///
/// * `#[event_subset(of = PokemonEvent)]`: the event enum, which may be of another crate.
///
/// # Optional
///
/// * `crate = ::path`: where castore is, if not at `::castore`.
///
/// # Example
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// #[derive(Debug, Clone, EventSubset)]
/// #[event_subset(of = PokemonEvent)]
/// enum MailedEvent {
///     Appeared { name: String },
///     LevelledUp,
/// }
///
/// # fn main() {
/// # let app_bus = AppBus::new();
/// let listener = InMemoryMessageBusAdapter::attach_to(&app_bus);
/// listener.on(Filter::store::<Pokemon>().events::<MailedEvent>(), |message, _| async move {
///     match &message.payload {
///         MailedEvent::Appeared { name } => println!("{name} is {}", message.event.aggregate_id),
///         MailedEvent::LevelledUp => println!("version {}", message.event.version),
///     }
///     Ok(())
/// });
/// # }
/// ```
#[doc = include_str!("../expansions/event_subset.md")]
#[proc_macro_derive(EventSubset, attributes(event_subset))]
pub fn derive_event_subset(input: TokenStream) -> TokenStream {
    event_subset::derive(input.into()).into()
}

/// Makes a struct or enum the state of an aggregate, and the name of its event store: `EventStore<Pokemon>`.
///
/// The state implements `Reducer`, and `Clone`. An aggregate's id and version are kept beside it, in
/// `Aggregate<Pokemon>`, so it has no fields for them.
///
/// # Required
///
/// * `id = "POKEMONS"`: the id of the event store, in storage and in messages. It may not contain `#`, which some
///   storages put between it and the id of an aggregate.
/// * `event = PokemonEvent`: the enum of its events, with `#[derive(Event)]`.
///
/// # Optional
///
/// * `metadata = Trigger`: the type of what is stored with an event beside its payload. Without it there is none.
/// * `aggregate_id = PokemonId`: the type of the ids of aggregates. `String` unless given.
/// * `reducer_version = 2`: raised when the reducer comes to other states than before. Snapshots of another version are
///   not used; nor are those of a state whose own fields were others, which is seen without it. 1 unless given.
/// * `crate = ::path`: where castore is, if not at `::castore`.
///
/// # Example
///
/// ```
/// use castore::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// # #[derive(Debug, Clone, PartialEq, Event)]
/// # pub enum PokemonEvent { Appeared { name: String, level: u32 }, LevelledUp }
/// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
/// #[event_store(id = "POKEMONS", event = PokemonEvent)]
/// pub struct Pokemon {
///     pub name: String,
///     pub level: u32,
/// }
///
/// impl Reducer for Pokemon {
///     fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
///         Ok(match (pokemon, &event.payload) {
///             (None, PokemonEvent::Appeared { name, level }) => Pokemon { name: name.clone(), level: *level },
///             (Some(pokemon), PokemonEvent::LevelledUp) => Pokemon { level: pokemon.level + 1, ..pokemon },
///             (_, _) => return Err(event.unexpected()),
///         })
///     }
/// }
/// ```
#[doc = include_str!("../expansions/event_store.md")]
#[proc_macro_attribute]
pub fn event_store(attr: TokenStream, item: TokenStream) -> TokenStream {
    event_store::event_store(attr.into(), item.into()).into()
}

/// Declares message channels, each with its kind and with the event stores whose messages it carries.
///
/// The kinds are `AggregateExistsMessageQueue`, `AggregateExistsMessageBus`, `NotificationMessageQueue`,
/// `NotificationMessageBus`, `StateCarryingMessageQueue` and `StateCarryingMessageBus`. Each alias becomes a type of its
/// own, with an enum of its messages that has a variant for each event store. A state-carrying channel is created with
/// the event stores that it loads aggregates from: `BackupQueue::new(BackupQueueSources { pokemon, trainer })`.
///
/// Variants and fields have the last segment of the event store's path as their name. Of two that are equal, import one
/// under another name: `use wild::Pokemon as WildPokemon;`.
///
/// # Optional, in `#[channel(…)]` on an alias
///
/// * `id = "APP_BUS"`: the id of the channel. Without it, the name of the alias in `SCREAMING_SNAKE_CASE`.
/// * `message = AppMessage`: the name of the enum of the messages. Without it, the name of the alias and `Message`.
/// * `order = "per_aggregate"`: accepts only adapters that keep the messages of an aggregate in order. `"none"` is what
///   holds without it.
/// * `crate = ::path`: where castore is, if not at `::castore`.
///
/// # Example
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # mod example {
/// # use super::{Pokemon, Trainer};
/// use castore::prelude::*;
///
/// message_channel! {
///     /// Everything that happens in the game.
///     pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;
///
///     #[channel(id = "BACKUP", message = BackupMessage)]
///     pub type BackupQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
/// }
///
/// # fn example() {
/// let app_bus = AppBus::new();
/// # }
/// # }
/// # fn main() {}
/// ```
#[doc = include_str!("../expansions/message_channel.md")]
#[proc_macro]
pub fn message_channel(body: TokenStream) -> TokenStream {
    message_channel::message_channel(body.into()).into()
}

/// Declares one message channel, like [`message_channel!`], on an alias that rustfmt can format.
///
/// The options are those of `#[channel(…)]` in [`message_channel!`].
///
/// # Example
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # mod example {
/// # use super::{Pokemon, Trainer};
/// use castore::prelude::*;
///
/// /// Everything that happens in the game.
/// #[channel(id = "APP")]
/// pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;
/// # }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn channel(attr: TokenStream, item: TokenStream) -> TokenStream {
    message_channel::channel(attr.into(), item.into()).into()
}

/// Makes an async function a command: it runs again when another writer stored an event of the same version first.
///
/// The function takes what it needs, its event stores as `&impl Store<…>`, and returns a `Result`. Its error type
/// implements `std::error::Error`, or is `anyhow::Error`, `eyre::Report` or `Box<dyn Error + Send + Sync>`; the conflict is
/// found among the sources of the error. Since it may run again, it takes its parameters by shared
/// reference, or by value if they are `Clone`. A module of the same name tells its id and its retries:
/// `catch_pokemon::ID`.
///
/// # Required
///
/// * `id = "CATCH_POKEMON"`: the id of the command.
///
/// # Optional
///
/// * `retries = 10`: how often the command runs again. Defaults to 10.
/// * `backoff = CommandBackoff::new(base, max)`: the pauses before it runs again, an expression of type
///   `castore::command::CommandBackoff`. Defaults to random pauses of up to 10 milliseconds after the first conflict, doubled
///   after each later one, up to 1 second.
/// * `on_event_already_exists = log_conflict`: an `async fn(&EventAlreadyExists, u32, u32)` that is called after each
///   conflict, with the number of the attempt, from 1, and the number of retries left.
/// * `crate = ::path`: where castore is, if not at `::castore`.
///
/// # Example
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # #[derive(Debug, thiserror::Error)]
/// # pub enum CatchError { #[error(transparent)] Read(#[from] EventStoreError), #[error(transparent)] Push(#[from] PushEventError) }
/// # pub struct CatchPokemon { pokemon_id: String, trainer_id: String }
/// # fn main() {}
/// #[command(id = "CATCH_POKEMON", on_event_already_exists = log_conflict)]
/// pub async fn catch_pokemon(input: &CatchPokemon, pokemons: &impl Store<Pokemon>) -> Result<(), CatchError> {
///     let pokemon = pokemons.get_existing_aggregate(&input.pokemon_id).without_events().await?;
///     let caught = PokemonEvent::CaughtByTrainer { trainer_id: input.trainer_id.clone() };
///     pokemons.push_event(pokemon.next_event(caught)).await?;
///     Ok(())
/// }
///
/// async fn log_conflict(error: &EventAlreadyExists, attempt: u32, retries_left: u32) {
///     tracing::info!(%error, attempt, retries_left, "somebody else was faster");
/// }
/// ```
#[doc = include_str!("../expansions/command.md")]
#[proc_macro_attribute]
pub fn command(attr: TokenStream, item: TokenStream) -> TokenStream {
    command::command(attr.into(), item.into()).into()
}
