//! The macros of castore. Use them, and read their documentation, through the crate `castore`.
#![forbid(unsafe_code)]

mod attrs;
#[cfg(test)]
mod budget;
mod casing;
mod command;
mod describe;
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
mod shape;
mod suggest;
#[cfg(test)]
mod testing;
mod text;
mod visibility;
mod wiring;

use proc_macro::TokenStream;

/// Declares an enum as the events of an event store: each variant is an event type, and its fields are the payload.
///
/// The payload of a variant with named fields consists of these fields. The payload of a variant with a single unnamed
/// field is the value of that field. A variant without fields has no payload. Serde serializes and deserializes
/// payloads: the types of the fields must implement `serde::Serialize` and `serde::Deserialize`, unless an attribute
/// such as `#[serde(skip)]` or `#[serde(with = "…")]` makes this unnecessary. The enum itself does not have to
/// implement them. The macro also generates the enum of the event types: `PokemonEventType` for `PokemonEvent`.
///
/// # Optional, on the enum
///
/// * `#[event(rename_all = "SCREAMING_SNAKE_CASE")]`: the casing in which event types are derived from the names of the
///   variants, one of serde's casings: `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`,
///   `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE`. Defaults to the unchanged name of the variant.
/// * `#[event(type_enum = PokemonEventKind)]`: the name of the enum of the event types. Defaults to the name of the
///   event enum followed by `Type`.
/// * `#[event(own_serde = true)]`: the enum also derives serde's traits, for a purpose other than events, such as an
///   API. Serde's attributes that name, tag or skip variants then belong to that derive and do not affect events.
///   Defaults to `false`: these attributes are then compile errors, because they would have no effect.
/// * `#[event(from("CAUGHT_OR_STOLEN" = CaughtOrStolen))]`: retired event types (the program no longer writes them, but
///   stored events may still have them) whose events may become any variant. The payload of such an event is converted
///   to the enum.
/// * `#[event(crate = ::path)]`: the path of castore. Defaults to the name of castore in `Cargo.toml`.
///
/// # Optional, on a variant
///
/// * `#[event(type = "CAUGHT_BY_TRAINER")]`: the event type. Defaults to the name of the variant in the casing that
///   `rename_all` sets.
/// * `#[event(from("CAUGHT", "TRAPPED" = Trapped))]`: retired event types that are read as the variant. An entry
///   without a payload type, such as `"CAUGHT"`, retires only the name. A payload type, such as `Trapped`, must
///   implement `serde::Deserialize`. The payload is converted with `From` or `TryFrom` to the type of the variant's
///   single unnamed field, or to the enum if the variant has no such field. The entry `"APPEARED" = AppearedV1 =>
///   AppearedV2` lists the steps of a conversion.
/// * `#[event(other)]`: the variant for all event types that the enum neither declares nor lists as retired. Its
///   payload is an `UnknownEvent`. Without such a variant, reading an event of such a type is an error.
///
/// # Serde's attributes
///
/// These attributes are supported, with the same meaning as in serde:
///
/// * on fields: `rename`, `alias`, `default`, `flatten`, `skip`, `skip_serializing`, `skip_deserializing`,
///   `skip_serializing_if`, `with`, `serialize_with`, `deserialize_with`, `borrow`, `bound`
/// * on variants, about their fields: `rename_all`, `with`, `serialize_with`, `deserialize_with`, `borrow`, `bound`
/// * on the enum: `rename_all_fields`, `deny_unknown_fields`, and `crate` for a serde derive on the same enum
///
/// All other attributes of serde are compile errors, unless `own_serde` allows them. `#[event]` replaces serde's
/// attributes for naming and tagging events.
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
///     LeveledUp, // no payload
/// }
///
/// assert_eq!(PokemonEvent::LeveledUp.event_type().as_str(), "LEVELED_UP");
/// ```
#[doc = include_str!("../expansions/event.md")]
#[proc_macro_derive(Event, attributes(event, serde))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    event::derive(input.into()).into()
}

/// Describes the JSON form of a type that occurs inside payloads, states or metadata.
///
/// A description contains the fields or variants of a type, with the types of the fields and the names that serde uses.
/// The lock of a program (`locked!`), the schemas and the validity of snapshots depend on such descriptions: without a
/// description, a change inside the type goes unnoticed.
///
/// Derive `Shape` together with serde's traits. For a generic type, implement the trait manually.
///
/// # Optional
///
/// * `#[shape(crate = ::path)]`: the path of castore. Defaults to the name of castore in `Cargo.toml`.
///
/// # Example
///
/// ```
/// use castore::Shape;
/// use castore::describe::Shape as _;
///
/// #[derive(serde::Serialize, serde::Deserialize, Shape)]
/// #[serde(rename_all = "camelCase")]
/// pub struct Team {
///     pub home_town: String,
///     pub members: Vec<String>,
///     pub rival: Option<Box<Team>>,
/// }
///
/// assert_eq!(Team::shape().to_string(), "{homeTown: String, members: [String], rival?: ^1?}");
/// ```
#[doc = include_str!("../expansions/shape.md")]
#[proc_macro_derive(Shape, attributes(shape, serde))]
pub fn derive_shape(input: TokenStream) -> TokenStream {
    shape::derive(input.into()).into()
}

/// Declares an enum as a subset of an event enum. A listener of selected event types receives the subset, so that its
/// `match` must cover only those event types.
///
/// The enum repeats the variants of interest. Each variant has the fields that the listener needs: all fields of the
/// original variant, some of them (if they are named), or none. An event is converted by cloning these fields, not
/// through JSON, so the fields need not be serializable. The enum must implement `Clone`.
///
/// # Required
///
/// * `#[event_subset(of = PokemonEvent)]`: the event enum. It may be defined in another crate.
///
/// # Optional
///
/// * `crate = ::path`: the path of castore. Defaults to the name of castore in `Cargo.toml`.
///
/// # Example
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// #[derive(Debug, Clone, EventSubset)]
/// #[event_subset(of = PokemonEvent)]
/// enum MailedEvent {
///     Appeared { name: String },
///     LeveledUp,
/// }
///
/// # fn main() {
/// # let app_bus = AppBus::new();
/// let listener = InMemoryMessageBusAdapter::attach_to(&app_bus);
/// listener.on(Filter::store::<Pokemon>().events::<MailedEvent>(), |message, _| async move {
///     match &message.payload {
///         MailedEvent::Appeared { name } => println!("{name} is {}", message.event.aggregate_id),
///         MailedEvent::LeveledUp => println!("version {}", message.event.version),
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

/// Declares a struct or enum as the state of an aggregate, and as the type that names its event store:
/// `EventStore<Pokemon>`.
///
/// The state must implement `Reducer` and `Clone`. In JSON, it must not have the keys `version`, `aggregateId` or
/// `aggregate_id`, because `Aggregate<Pokemon>` has the aggregate's version and id beside the state.
///
/// # Required
///
/// * `id = "POKEMONS"`: the id of the event store, in storage and in messages. It must not contain `#`, which some
///   storages use as the separator before the id of an aggregate.
/// * `event = PokemonEvent`: the enum of the store's events, with `#[derive(Event)]`.
///
/// # Optional
///
/// * `metadata = Trigger`: the type of the metadata that is stored with each event beside its payload. Defaults to no
///   metadata.
/// * `metadata(required) = Trigger`: as above, and pushing a new event without metadata does not compile.
/// * `aggregate_id = PokemonId`: the type of aggregate ids. Defaults to `String`.
/// * `reducer_version = 2`: the version of the reducer. Increase the version when the reducer computes different states
///   than before. Snapshots of another reducer version are ignored. Changes to the fields of the state, and to types
///   inside the state that derive `Shape`, are detected automatically: snapshots from before the change are ignored as
///   well. Defaults to 1.
/// * `crate = ::path`: the path of castore. Defaults to the name of castore in `Cargo.toml`.
///
/// # Example
///
/// ```
/// use castore::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// # #[derive(Debug, Clone, PartialEq, Event)]
/// # pub enum PokemonEvent { Appeared { name: String, level: u32 }, LeveledUp }
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
///             (Some(pokemon), PokemonEvent::LeveledUp) => Pokemon { level: pokemon.level + 1, ..pokemon },
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

/// The derive that `#[event_store]` adds to its item. It does not declare the helper attribute `serde`. Therefore the
/// compiler reports a `#[serde(…)]` on a state that does not derive serde's traits, where the attribute would have no
/// effect.
#[doc(hidden)]
#[proc_macro_derive(__EventStore, attributes(__event_store))]
pub fn derive_event_store(input: TokenStream) -> TokenStream {
    event_store::derive(input.into()).into()
}

/// Declares message channels, each with its kind and with the event stores whose messages it carries.
///
/// The kinds are `AggregateExistsMessageQueue`, `AggregateExistsMessageBus`, `NotificationMessageQueue`,
/// `NotificationMessageBus`, `StateCarryingMessageQueue` and `StateCarryingMessageBus`. The kinds are types in
/// `castore::channel` and in the prelude. Import them like other types, or write their paths. The macro turns each
/// alias into a separate type, and generates an enum of the channel's messages that has a variant for each event store.
/// A state-carrying channel is created with the event stores from which it loads aggregates:
/// `BackupQueue::new(BackupQueueSources { pokemon, trainer })`.
///
/// The variants of the message enum, and the fields of a struct such as `BackupQueueSources`, are named after the last
/// segment of the event store's path. If two event stores have the same name, import one under another name: `use
/// wild::Pokemon as WildPokemon;`.
///
/// # Optional, in `#[channel(…)]` on an alias
///
/// * `id = "APP_BUS"`: the id of the channel. Defaults to the name of the alias in `SCREAMING_SNAKE_CASE`.
/// * `message = AppMessage`: the name of the enum of the messages. Defaults to the name of the alias followed by
///   `Message`.
/// * `order = "per_aggregate"`: accepts only adapters that keep the messages of an aggregate in order. Defaults to
///   `"none"`.
/// * `crate = ::path`: the path of castore. Defaults to the name of castore in `Cargo.toml`.
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

/// Declares one message channel like [`message_channel!`], but as an attribute on an alias, which rustfmt can format.
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

/// The derive that `#[channel]` adds to the struct of the channel.
#[doc(hidden)]
#[proc_macro_derive(__Channel, attributes(__channel))]
pub fn derive_channel(input: TokenStream) -> TokenStream {
    message_channel::derive(input.into()).into()
}

/// Returns the item, followed by the items in the argument of the attribute.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __beside(attr: TokenStream, item: TokenStream) -> TokenStream {
    item.into_iter().chain(attr).collect()
}

/// Turns an async function into a command, which is retried if its push fails because another writer has already stored
/// an event of the same version.
///
/// The function takes its event stores as `&impl Store<…>`, besides any other parameters, and returns a `Result`. The
/// error type must implement `std::error::Error`, or be `anyhow::Error`, `eyre::Report` or `Box<dyn Error + Send +
/// Sync>`. The generated code looks for the version conflict in the error and its sources. Because the function may be
/// retried, it must take its parameters by shared reference, or by value if they implement `Clone`.
///
/// The macro also generates a module of the same name, with
/// * the command's id and its maximum number of retries: `catch_pokemon::ID`, `catch_pokemon::RETRIES`,
/// * the types of the parameters that are called `input` and `context`, without references: `catch_pokemon::Input`,
///   `catch_pokemon::Context`,
/// * the types in the function's `Result`: `catch_pokemon::Output`, `catch_pokemon::Error`.
///
/// The module has no alias for a type that depends on generic parameters or lifetimes of the function, or that contains
/// `impl Trait`, `_` or a macro call. If the return type is such a type, both `Output` and `Error` are missing. The
/// other types must be at least as visible as the function.
///
/// # Required
///
/// * `id = "CATCH_POKEMON"`: the id of the command.
///
/// # Optional
///
/// * `retries = 10`: the maximum number of retries. Defaults to 10.
/// * `backoff = CommandBackoff::new(base, max)`: the pauses between attempts. The value is an expression of type
///   `castore::command::CommandBackoff`. Defaults to random pauses of up to 10 milliseconds after the first conflict.
///   This limit doubles after each later conflict, up to 1 second.
/// * `on_event_already_exists = log_conflict`: an `async fn(&EventAlreadyExists, u32, u32)` that is called after each
///   conflict. The arguments are the conflict, the number of the attempt (from 1), and the number of retries left.
/// * `crate = ::path`: the path of castore. Defaults to the name of castore in `Cargo.toml`.
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
///     tracing::info!(%error, attempt, retries_left, "another writer was faster");
/// }
/// ```
#[doc = include_str!("../expansions/command.md")]
#[proc_macro_attribute]
pub fn command(attr: TokenStream, item: TokenStream) -> TokenStream {
    command::command(attr.into(), item.into()).into()
}

/// Declares the parts of a program in one place, and checks at compile time that they fit together.
///
/// The macro generates a type that implements [`Wiring`](../castore/trait.Wiring.html). The method `describe()` of the
/// type returns these parts as data. `locked!` compares this data with a file, and the crate `castore-inspect` draws a
/// diagram of it. The names of the consumers are constants of the type, such as `Game::MAILER`.
///
/// # Lists
///
/// * `stores: [Pokemon]`: the event stores.
/// * `channels: [AppBus]`: the message channels. The event stores that they carry must be listed in `stores`.
/// * `consumers: [mailer on MailQueue, backup on BackupQueue in_order]`: the listeners and workers, each with its
///   channel. The channel must be listed in `channels`. A queue can have only one worker. `in_order` requires a channel
///   with `order = "per_aggregate"`.
/// * `commands: [catch_pokemon]`: functions with `#[command]`.
/// * `read_models: [Catches]`: types that implement `ReadModel`. The event stores that they read must be listed in
///   `stores`.
/// * `relays: ["APP_BUS" publishes AppBus]`: the relays, each with its name and its channel. The channel must be listed
///   in `channels`.
/// * `elsewhere: [AuditBus]`: event stores that no channel of this program carries, and channels that only other
///   programs consume. Without such an entry, the compiler warns about the store or channel.
///
/// All lists are optional. To set the path of castore, write `#[wiring(crate = ::path)]` on the struct.
///
/// # Example
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// use castore::prelude::*;
///
/// wiring! {
///     /// The whole game.
///     pub struct Game;
///     stores: [Pokemon, Trainer],
///     channels: [AppBus],
///     consumers: [screen on AppBus],
/// }
///
/// # fn main() {
/// assert_eq!(Game::SCREEN, "screen");
/// assert_eq!(Game::describe().channels[0].id, "APP_BUS");
/// # }
/// ```
#[doc = include_str!("../expansions/wiring.md")]
#[proc_macro]
pub fn wiring(body: TokenStream) -> TokenStream {
    wiring::wiring(body.into()).into()
}
