//! The event stores and message channels of the kit: two stores, every kind of message, queues and buses, with and
//! without ordering.

use castore::{Event, event_store, message_channel};
use castore_core::aggregate::Aggregate;
use castore_core::channel::{
    AggregateExistsMessageBus, AggregateExistsMessageQueue, Bus, Carries, MessageChannel, NotificationMessageBus,
    NotificationMessageQueue, Queue, StateCarryingMessageBus, StateCarryingMessageQueue,
};
use castore_core::event::EventDetail;
use castore_core::event_sourced::{EventSourced, ReduceError, Reducer};
use castore_core::message::{
    AggregateExists, AggregateExistsMessage, ChannelMessage, MessageKind, Notification, NotificationMessage,
    StateCarrying, StateCarryingMessage,
};
use castore_runtime::event_store::EventStore;
use castore_runtime::in_memory::InMemoryEventStorageAdapter;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The events of a pokemon, which have payloads of all shapes.
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PokemonEvent {
    /// A variant with fields.
    Appeared {
        /// Any text.
        name: String,
        /// Any number.
        level: u32,
    },
    /// A tuple variant whose payload has its own type.
    Caught(CaughtByTrainer),
    /// A variant without payload.
    LeveledUp,
    /// A variant with a number that JSON may not be able to represent.
    Weighed {
        /// Any number, including NaN.
        kilograms: f64,
    },
}

/// The payload of `Caught`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaughtByTrainer {
    /// The id of the trainer who caught the pokemon.
    pub trainer_id: String,
}

/// The metadata of pokemon events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// The cause of the event.
    pub by: String,
}

/// A pokemon, whose events may have metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent, metadata = Trigger)]
pub struct Pokemon {
    /// The name from the last event that contains one.
    pub name: String,
    /// The number of events.
    pub events: u64,
}

impl Reducer for Pokemon {
    fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let before = pokemon.map_or_else(String::new, |pokemon| pokemon.name);
        let name = match &event.payload {
            PokemonEvent::Appeared { name, .. } => name.clone(),
            PokemonEvent::Caught(_) | PokemonEvent::LeveledUp | PokemonEvent::Weighed { .. } => before,
        };
        Ok(Self { name, events: event.version })
    }
}

/// The events of a trainer.
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TrainerEvent {
    /// The only event.
    GameStarted {
        /// Any text.
        name: String,
    },
}

/// A trainer, whose events have no metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TRAINERS", event = TrainerEvent)]
pub struct Trainer {
    /// The name from the last event that contains one.
    pub name: String,
}

impl Reducer for Trainer {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let TrainerEvent::GameStarted { name } = &event.payload;
        Ok(Self { name: name.clone() })
    }
}

message_channel! {
    /// A queue of aggregate-exists messages without ordering.
    pub type AggregateExistsQueue = AggregateExistsMessageQueue<Pokemon, Trainer>;
    /// A queue of notifications without ordering.
    pub type NotificationQueue = NotificationMessageQueue<Pokemon, Trainer>;
    /// A queue of state-carrying messages without ordering.
    pub type StateCarryingQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
    /// A queue of aggregate-exists messages that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedAggregateExistsQueue = AggregateExistsMessageQueue<Pokemon, Trainer>;
    /// A queue of notifications that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedNotificationQueue = NotificationMessageQueue<Pokemon, Trainer>;
    /// A queue of state-carrying messages that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedStateCarryingQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
    /// A bus of aggregate-exists messages without ordering.
    pub type AggregateExistsBus = AggregateExistsMessageBus<Pokemon, Trainer>;
    /// A bus of notifications without ordering.
    pub type NotificationBus = NotificationMessageBus<Pokemon, Trainer>;
    /// A bus of state-carrying messages without ordering.
    pub type StateCarryingBus = StateCarryingMessageBus<Pokemon, Trainer>;
    /// A bus of aggregate-exists messages that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedAggregateExistsBus = AggregateExistsMessageBus<Pokemon, Trainer>;
    /// A bus of notifications that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedNotificationBus = NotificationMessageBus<Pokemon, Trainer>;
    /// A bus of state-carrying messages that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedStateCarryingBus = StateCarryingMessageBus<Pokemon, Trainer>;
}

/// A message channel of the kit, which carries messages about [`Pokemon`] and [`Trainer`]. The messages implement the
/// serde traits, because adapters of brokers need these traits.
pub trait KitChannel:
    MessageChannel<Message: Serialize + DeserializeOwned, Kind: KitKind> + Carries<Pokemon> + Carries<Trainer>
{
    /// Creates the channel without an adapter.
    #[doc(hidden)]
    fn open() -> Self;
}

/// A [`KitChannel`] that is a queue.
pub trait KitQueue: KitChannel + MessageChannel<Topology = Queue> {}

impl<C: KitChannel + MessageChannel<Topology = Queue>> KitQueue for C {}

/// A [`KitChannel`] that is a bus.
pub trait KitBus: KitChannel + MessageChannel<Topology = Bus> {}

impl<C: KitChannel + MessageChannel<Topology = Bus>> KitBus for C {}

/// A kind of message that the kit can create from an event.
pub trait KitKind: MessageKind {
    #[doc(hidden)]
    fn message<S: EventSourced>(event: EventDetail<S>, state: S) -> Self::Of<S>;
}

impl KitKind for AggregateExists {
    fn message<S: EventSourced>(event: EventDetail<S>, _: S) -> AggregateExistsMessage<S> {
        AggregateExistsMessage { aggregate_id: event.aggregate_id, initial_event_timestamp: Some(event.timestamp) }
    }
}

impl KitKind for Notification {
    fn message<S: EventSourced>(event: EventDetail<S>, _: S) -> NotificationMessage<S> {
        NotificationMessage { event }
    }
}

impl KitKind for StateCarrying {
    fn message<S: EventSourced>(event: EventDetail<S>, state: S) -> StateCarryingMessage<S> {
        let aggregate = Aggregate { aggregate_id: event.aggregate_id.clone(), version: event.version, state };
        StateCarryingMessage { event, aggregate }
    }
}

macro_rules! open {
    ($($channel:ident)+) => {$(
        impl KitChannel for $channel {
            fn open() -> Self {
                Self::new()
            }
        }
    )+};
    ($($channel:ident($sources:ident))+) => {$(
        impl KitChannel for $channel {
            /// Creates the channel with its own event stores. The stores stay empty, because the messages of the kit
            /// already contain their aggregates.
            fn open() -> Self {
                let storage = InMemoryEventStorageAdapter::new();
                Self::new($sources {
                    pokemon: EventStore::new(storage.clone()),
                    trainer: EventStore::new(storage),
                })
            }
        }
    )+};
}

open! {
    AggregateExistsQueue NotificationQueue OrderedAggregateExistsQueue OrderedNotificationQueue
    AggregateExistsBus NotificationBus OrderedAggregateExistsBus OrderedNotificationBus
}
open! {
    StateCarryingQueue(StateCarryingQueueSources)
    OrderedStateCarryingQueue(OrderedStateCarryingQueueSources)
    StateCarryingBus(StateCarryingBusSources)
    OrderedStateCarryingBus(OrderedStateCarryingBusSources)
}

/// Returns the JSON of a message, so that tests can compare it.
pub(crate) fn json_of<M: ChannelMessage + Serialize>(message: &M) -> serde_json::Value {
    serde_json::to_value(message).expect("a message of the kit is JSON")
}
