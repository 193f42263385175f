//! Tests of message channels that are declared with the macro or the attribute, with all options.

use castore::channel::{Bus, PerAggregate, Queue, Unordered};
use castore::message::{AnyMessage, ChannelMessage, MessageKind};
use castore::prelude::*;
use serde_json::json;

use crate::golden::domain::{Pokemon, Trainer, ash_started, happened, pikachu_appeared};
use crate::support::{Watched, json as as_json};

/// A channel that is declared with the attribute, outside of the macro, so that rustfmt formats it.
#[channel]
pub type PlainBus = NotificationMessageBus<Pokemon, Trainer>;

#[channel(id = "NAMED", message = NamedMessage, order = "per_aggregate")]
pub type NamedQueue = StateCarryingMessageQueue<Pokemon, crate::golden::domain::Trainer>;

mod nested {
    castore::message_channel! {
        /// A channel with a doc comment.
        pub type SameAsPlain = castore::channel::NotificationMessageBus<crate::golden::domain::Pokemon, super::Trainer>;
        #[channel(order = "none")]
        pub type Unsorted = castore::channel::AggregateExistsMessageBus<super::Pokemon>;
        #[channel()]
        pub type HTTPQueue2 = castore::channel::NotificationMessageQueue<super::Pokemon>;
    }
}

use nested::{HTTPQueue2, SameAsPlain, Unsorted};

/// Checks the associated types of a channel.
fn is<C, T, O>(id: &str)
where
    C: MessageChannel<Topology = T, Order = O>,
{
    assert_eq!(C::ID, id);
}

#[test]
fn options_and_their_defaults() {
    is::<PlainBus, Bus, Unordered>("PLAIN_BUS");
    is::<NamedQueue, Queue, PerAggregate>("NAMED");
    is::<SameAsPlain, Bus, Unordered>("SAME_AS_PLAIN");
    is::<Unsorted, Bus, Unordered>("UNSORTED");
    is::<HTTPQueue2, Queue, Unordered>("HTTP_QUEUE2");
    let sources: Vec<_> =
        PlainBus::SOURCES.iter().map(|source| (source.type_name(), source.event_store_id())).collect();
    assert_eq!(sources, [("Pokemon", "POKEMONS"), ("Trainer", "TRAINERS")]);
    assert_eq!(PlainBus::new().sources().len(), 2);
    assert_eq!(PlainBus::default().message_channel_id(), "PLAIN_BUS");
}

/// Returns, in generic code, whether a channel keeps the order of each aggregate.
fn in_order<C: MessageChannel>(_: &C) -> bool {
    use castore::channel::MessageOrder;
    C::Order::PER_AGGREGATE
}

#[test]
fn order_is_available_in_generic_code() {
    let pokemon = EventStore::<Pokemon>::without_adapter();
    let trainer = EventStore::<Trainer>::without_adapter();
    let named = NamedQueue::new(NamedQueueSources { pokemon, trainer });
    assert!(in_order(&named));
    assert!(!in_order(&PlainBus::new()));
}

#[test]
fn messages_convert_and_serialize() {
    let pikachu = NotificationMessage { event: happened(pikachu_appeared()) };
    let ash = NotificationMessage { event: happened(ash_started()) };
    let messages: [PlainBusMessage; 2] = [pikachu.clone().into(), ash.into()];
    let told: Vec<_> = messages
        .iter()
        .map(|message| {
            let message: &dyn AnyMessage = message.as_message();
            (message.event_store_id(), message.version(), message.event_type())
        })
        .collect();
    assert_eq!(told, [("POKEMONS", Some(1), Some("APPEARED")), ("TRAINERS", Some(1), Some("GAME_STARTED"))]);
    for message in &messages {
        let text = serde_json::to_string(message).unwrap();
        let read: PlainBusMessage = serde_json::from_str(&text).unwrap();
        assert_eq!(as_json(&read), as_json(message));
        // Another channel with the same sources decodes the same messages.
        assert!(serde_json::from_str::<nested::SameAsPlainMessage>(&text).is_ok());
        // The `Debug` output does not contain the payload.
        assert!(!format!("{message:?}").contains("Pikachu") && !format!("{message:?}").contains("Ash"));
    }
    let foreign = json!({"eventStoreId": "BATTLES", "event": {}});
    let error = serde_json::from_value::<PlainBusMessage>(foreign).unwrap_err().to_string();
    assert!(error.contains("BATTLES"), "{error}");
    assert!(
        serde_json::from_value::<PlainBusMessage>(json!({"event": {}}))
            .unwrap_err()
            .to_string()
            .contains("eventStoreId")
    );
    assert!(serde_json::from_str::<PlainBusMessage>("[]").is_err());
    assert!(serde_json::from_value::<HTTPMessage>(as_json(&messages[1])).is_err(), "its store is not a source");
    let _: MessageOf<PlainBus> = messages[0].clone();
}

type HTTPMessage = MessageOf<HTTPQueue2>;

/// Accepts a channel of any kind that carries a store, and returns the id of the store.
fn publishes<S: EventSourced, C: castore::channel::Carries<S>>(_: &C) -> &'static str
where
    C::Kind: MessageKind,
{
    S::EVENT_STORE_ID
}

#[test]
fn membership_is_available_in_generic_code() {
    assert_eq!(publishes::<Pokemon, _>(&PlainBus::new()), "POKEMONS");
    assert_eq!(publishes::<Pokemon, _>(&Unsorted::new()), "POKEMONS");
}

/// Clones of a channel are the same channel. A store that is connected to a channel twice publishes each event twice.
#[tokio::test]
async fn store_connected_twice_publishes_twice() {
    let (bus, other) = (PlainBus::new(), HTTPQueue2::new());
    let (adapter, other_adapter) = (Watched::<PlainBusMessage>::new(), Watched::new());
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let store = pokemons.connect(bus.clone()).connect(other.clone()).connect(bus.clone());
    assert_eq!(store.message_channel().message_channel_id(), "PLAIN_BUS");
    assert!(bus.adapter().is_none());
    // The adapter is set after the connection, on clones.
    bus.set_adapter(adapter.clone());
    other.set_adapter(other_adapter.clone());
    let again = ConnectedEventStore::new(pokemons, bus.clone());
    store.push_event(pikachu_appeared()).await.unwrap();
    assert_eq!((adapter.asked.take().len(), other_adapter.asked.take().len()), (2, 1));
    again.push_event(pikachu_appeared()).force(true).await.unwrap();
    assert_eq!((adapter.asked.take().len(), other_adapter.asked.take().len()), (1, 0));
    bus.clear_adapter();
    assert!(store.push_event(pikachu_appeared()).force(true).await.is_err());
    assert_eq!(other_adapter.asked.take().len(), 1, "the other channels are tried, too");
}
