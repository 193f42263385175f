//! Tests of messages that the program of the consumer cannot decode, because another version of the program has
//! published them.

use castore_core::channel::{CarriesEventTypes, CarriesEvents, PublishMessageOptions};
use castore_core::consumer::{Filter, Listeners};
use castore_core::event::EventDetail;
use castore_core::message::{EventCarrying, StoredMessage};
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;

use super::ChannelCapabilities;
use super::channels::{KitBus, KitChannel, KitKind, KitQueue, Pokemon, PokemonEvent, PokemonEventType};
use super::factory::{BusConsumer, BusFactory, QueueConsumer, QueueFactory};
use super::log::{Answer, Log};
use super::subject::{Case, RETRIES, Subject, pokemon, retry_policy};

/// Returns whether a consumer of the channel may receive a message that it cannot decode. An adapter that does not
/// carry JSON delivers state-carrying messages as decoded values, so its consumer does not decode them.
pub(super) fn may_be_undecodable<C: KitChannel + CarriesEvents>(capabilities: &ChannelCapabilities) -> bool {
    capabilities.carries_json || !<C::Kind as EventCarrying>::CARRIES_STATE
}

/// Publishes a message about an event of an unknown type, and returns the JSON of the message.
pub(super) async fn publish_unknown<C: KitChannel + CarriesEvents>(
    channel: &C,
    aggregate_id: &str,
) -> serde_json::Value {
    let event = RawEvent {
        aggregate_id: aggregate_id.to_owned(),
        version: 1,
        event_type: "EVOLVED_IN_A_LATER_VERSION".into(),
        timestamp: Timestamp::UNIX_EPOCH,
        payload: None,
        metadata: None,
    };
    let stored = match <C::Kind as EventCarrying>::CARRIES_STATE {
        false => StoredMessage::notification("POKEMONS".into(), event),
        true => {
            let payload = PokemonEvent::Appeared { name: "Pikachu".to_owned(), level: 1 };
            let decoded = EventDetail::<Pokemon>::new(aggregate_id.to_owned(), 1, Timestamp::UNIX_EPOCH, payload);
            let state = Pokemon { name: "Pikachu".to_owned(), events: 1 };
            StoredMessage::decoded(<C::Kind as KitKind>::message(decoded, state).into(), event)
        }
    };
    let json = serde_json::to_value(&stored).expect("a message is JSON");
    let adapter = channel.adapter().expect("the adapter");
    adapter.publish_stored_messages(vec![stored], PublishMessageOptions::new()).await.expect("publishing");
    json
}

/// Tests that a message that cannot be decoded is retried according to the policy, because a consumer of a newer
/// version may be able to decode it. After the last attempt, the message is reported as a dead letter that contains the
/// whole message.
pub async fn an_undecodable_message_is_a_dead_letter_after_its_attempts<C: KitChannel + CarriesEvents>(
    subject: &dyn Subject<C>,
) {
    let case = Case::answering(subject, RETRIES, |_| Answer::Done).await;
    if !may_be_undecodable::<C>(&case.capabilities) {
        return;
    }
    let published = publish_unknown(&case.channel, "a").await;
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.settle(0).await.len(), 0, "no handler is called");
    assert_eq!(case.log.dead(), [(published, RETRIES + 1, false)]);
}

/// Tests that while a message that cannot be decoded is retried, the messages of other aggregates are handled.
pub async fn an_undecodable_message_does_not_disturb_others<C: KitChannel + CarriesEvents>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, 0, |_| Answer::Done).await;
    if !may_be_undecodable::<C>(&case.capabilities) {
        return;
    }
    let published = publish_unknown(&case.channel, "a").await;
    case.publish((1..=5).map(|version| pokemon::<C>("b", version))).await;
    assert_eq!(case.log.settle(5).await.len(), 5);
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead(), [(published, 1, false)]);
}

/// Attaches a queue whose worker listens to the events of one type. Returns the channel, the consumer, the log of the
/// listener, and the log of the dead letters.
async fn named<C: KitQueue + CarriesEvents + CarriesEventTypes, F: QueueFactory<C::Order>>(
    factory: &F,
) -> (C, F::Consumer<C>, Log, Log) {
    let (channel, capabilities) = (C::open(), factory.capabilities());
    let consumer = factory.attach(&channel, retry_policy(&capabilities, RETRIES)).await;
    let (log, dead) = (Log::new(&capabilities), Log::new(&capabilities));
    consumer.on_dead_letter(dead.dead_letter_hook()).await;
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    let handler = log.handler_of_store();
    consumer.listen(Listeners::new().on(filter, move |message, context| handler(message, context))).await;
    (channel, consumer, log, dead)
}

/// Tests that a message is acknowledged and counted as ignored if the program does not know its event type and all
/// listeners select event types by name. The message is neither retried nor a dead letter.
pub async fn an_unknown_type_that_no_filter_names_is_ignored<
    C: KitQueue + CarriesEvents + CarriesEventTypes,
    F: QueueFactory<C::Order>,
>(
    factory: &F,
) {
    if !may_be_undecodable::<C>(&factory.capabilities()) {
        return;
    }
    let (channel, consumer, log, dead) = named::<C, F>(factory).await;
    publish_unknown(&channel, "a").await;
    publish_unknown(&channel, "b").await;
    // Event number 4 has the type that the filter names. Brokers would drop an event with number 1 as a duplicate of
    // the unknown event, which has version 1.
    for aggregate in ["a", "b"] {
        channel.publish_message(pokemon::<C>(aggregate, 4)).await.expect("a message is published");
    }
    assert_eq!(log.settle(2).await.len(), 2);
    dead.poll("both are counted", || consumer.status().ignored >= 2).await;
    assert_eq!(dead.dead(), []);
    assert_eq!(consumer.status().failed_attempts, 0);
}

/// Tests that a message whose event type the program does not know is retried and becomes a dead letter if a listener
/// expects all events of the store.
pub async fn an_unknown_type_is_a_dead_letter_of_store_wide_listeners<
    C: KitQueue + CarriesEvents,
    F: QueueFactory<C::Order>,
>(
    factory: &F,
) {
    let (channel, capabilities) = (C::open(), factory.capabilities());
    if !may_be_undecodable::<C>(&capabilities) {
        return;
    }
    let consumer = factory.attach(&channel, retry_policy(&capabilities, RETRIES)).await;
    let (log, dead) = (Log::new(&capabilities), Log::new(&capabilities));
    consumer.on_dead_letter(dead.dead_letter_hook()).await;
    let handler = log.handler_of_store();
    let listeners = Listeners::new().on(Filter::store::<Pokemon>(), move |message, context| handler(message, context));
    consumer.listen(listeners).await;
    let published = publish_unknown(&channel, "a").await;
    dead.until("a dead letter", |dead| !dead.dead().is_empty()).await;
    assert_eq!(dead.dead(), [(published, RETRIES + 1, false)]);
    assert_eq!((log.count(), consumer.status().ignored), (0, 0));
}

/// Tests that a bus acknowledges a message of an unknown event type for listeners that select event types by name. The
/// message is retried and becomes a dead letter only for listeners that expect all events.
pub async fn an_unknown_type_concerns_store_wide_listeners_only<
    C: KitBus + CarriesEvents + CarriesEventTypes,
    F: BusFactory<C::Order>,
>(
    factory: &F,
) {
    let (channel, capabilities) = (C::open(), factory.capabilities());
    if !may_be_undecodable::<C>(&capabilities) {
        return;
    }
    let bus = factory.attach(&channel, retry_policy(&capabilities, RETRIES)).await;
    let (named, all, dead) = (Log::new(&capabilities), Log::new(&capabilities), Log::new(&capabilities));
    bus.on_dead_letter(dead.dead_letter_hook()).await;
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    bus.listen(filter, named.handler_of_store()).await;
    bus.listen(Filter::all(), all.handler(|_| Answer::Done)).await;
    let published = publish_unknown(&channel, "a").await;
    channel.publish_message(pokemon::<C>("b", 1)).await.expect("a message is published");
    dead.until("a dead letter", |dead| !dead.dead().is_empty()).await;
    assert_eq!((named.settle(1).await.len(), all.settle(1).await.len()), (1, 1));
    assert_eq!(dead.dead(), [(published, RETRIES + 1, false)]);
}
