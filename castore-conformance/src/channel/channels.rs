//! The event stores and message channels that the kit publishes on: two stores, every kind of message, queues and
//! buses, with and without order.

use castore::{Event, event_store, message_channel};
use castore_core::aggregate::Aggregate;
use castore_core::channel::{Bus, Carries, MessageChannel, Queue};
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

/// What can happen to a pokemon: payloads of all forms.
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PokemonEvent {
    /// With fields.
    Appeared {
        /// Any text.
        name: String,
        /// Any number.
        level: u32,
    },
    /// With a payload of its own type.
    Caught(CaughtByTrainer),
    /// Without payload.
    LevelledUp,
    /// With a number that JSON may not have.
    Weighed {
        /// Any number, also NaN.
        kilograms: f64,
    },
}

/// A payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaughtByTrainer {
    /// Who caught it.
    pub trainer_id: String,
}

/// Metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// What made it happen.
    pub by: String,
}

/// A pokemon, with metadata beside its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent, metadata = Trigger)]
pub struct Pokemon {
    /// Its last name.
    pub name: String,
    /// How many events there were.
    pub events: u64,
}

impl Reducer for Pokemon {
    fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let before = pokemon.map_or_else(String::new, |pokemon| pokemon.name);
        let name = match &event.payload {
            PokemonEvent::Appeared { name, .. } => name.clone(),
            PokemonEvent::Caught(_) | PokemonEvent::LevelledUp | PokemonEvent::Weighed { .. } => before,
        };
        Ok(Self { name, events: event.version })
    }
}

/// What can happen to a trainer.
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TrainerEvent {
    /// The one event.
    GameStarted {
        /// Any text.
        name: String,
    },
}

/// A trainer, without metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TRAINERS", event = TrainerEvent)]
pub struct Trainer {
    /// The last name.
    pub name: String,
}

impl Reducer for Trainer {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let TrainerEvent::GameStarted { name } = &event.payload;
        Ok(Self { name: name.clone() })
    }
}

message_channel! {
    /// A queue without order.
    pub type AggregateExistsQueue = AggregateExistsMessageQueue<Pokemon, Trainer>;
    /// A queue without order.
    pub type NotificationQueue = NotificationMessageQueue<Pokemon, Trainer>;
    /// A queue without order.
    pub type StateCarryingQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
    /// A queue that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedAggregateExistsQueue = AggregateExistsMessageQueue<Pokemon, Trainer>;
    /// A queue that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedNotificationQueue = NotificationMessageQueue<Pokemon, Trainer>;
    /// A queue that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedStateCarryingQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
    /// A bus without order.
    pub type AggregateExistsBus = AggregateExistsMessageBus<Pokemon, Trainer>;
    /// A bus without order.
    pub type NotificationBus = NotificationMessageBus<Pokemon, Trainer>;
    /// A bus without order.
    pub type StateCarryingBus = StateCarryingMessageBus<Pokemon, Trainer>;
    /// A bus that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedAggregateExistsBus = AggregateExistsMessageBus<Pokemon, Trainer>;
    /// A bus that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedNotificationBus = NotificationMessageBus<Pokemon, Trainer>;
    /// A bus that keeps the order of each aggregate.
    #[channel(order = "per_aggregate")]
    pub type OrderedStateCarryingBus = StateCarryingMessageBus<Pokemon, Trainer>;
}

/// A channel of the kit. Its messages can be written and read with serde, which adapters of brokers need.
pub trait KitChannel:
    MessageChannel<Message: Serialize + DeserializeOwned, Kind: KitKind> + Carries<Pokemon> + Carries<Trainer>
{
    /// The channel, without an adapter.
    #[doc(hidden)]
    fn open() -> Self;
}

/// A queue of the kit.
pub trait KitQueue: KitChannel + MessageChannel<Topology = Queue> {}

impl<C: KitChannel + MessageChannel<Topology = Queue>> KitQueue for C {}

/// A bus of the kit.
pub trait KitBus: KitChannel + MessageChannel<Topology = Bus> {}

impl<C: KitChannel + MessageChannel<Topology = Bus>> KitBus for C {}

/// A kind of message, of which the kit makes one about an event.
pub trait KitKind: MessageKind {
    #[doc(hidden)]
    fn message<S: EventSourced>(event: EventDetail<S>, state: S) -> Self::Of<S>;
}

impl KitKind for AggregateExists {
    fn message<S: EventSourced>(event: EventDetail<S>, _: S) -> AggregateExistsMessage<S> {
        AggregateExistsMessage { aggregate_id: event.aggregate_id, initial_event_timestamp: event.timestamp }
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
            /// With event stores of their own: the kit's messages bring their aggregates along.
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

/// The JSON of a message, as it is compared.
pub(crate) fn json_of<M: ChannelMessage + Serialize>(message: &M) -> serde_json::Value {
    serde_json::to_value(message).expect("a message of the kit is JSON")
}
