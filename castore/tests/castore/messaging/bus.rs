//! Tests of buses with any number of listeners, which do not wait for each other.

use std::time::Duration;

use castore::prelude::*;

use super::counter::*;
use crate::golden::domain::*;
use crate::support::Log;

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon, Trainer, Counter>;
}

#[tokio::test(start_paused = true)]
async fn slow_listener_does_not_delay_others() {
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let seen = Log::new();
    for (handler, delay) in [("slow", 1000), ("quick", 0)] {
        let log = seen.clone();
        listener.on(Filter::store::<Counter>(), move |message, _| {
            let log = log.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(delay)).await;
                log.add(format!("{handler} {}", name(&message)));
                Ok(())
            }
        });
    }
    bus.publish_messages([message("a", 1), message("a", 2), message("a", 3)]).await.unwrap();
    listener.idle().await;
    assert_eq!(seen.entries(), ["quick a1", "quick a2", "quick a3", "slow a1", "slow a2", "slow a3"]);
}

#[tokio::test]
async fn every_form_of_filter_is_accepted() {
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let seen = Log::<(&'static str, String)>::new();
    macro_rules! on {
        ($name:literal, $filter:expr) => {{
            let log = seen.clone();
            listener.on($filter, move |message, _| {
                log.add(($name, format!("{:?}", &*message)));
                async { Ok(()) }
            });
        }};
    }
    on!("vec", vec![Filter::store::<Pokemon>(), Filter::store::<Pokemon>().on_replay(true)]);
    on!("array", [Filter::all(), Filter::all()]);
    on!("tuple", (Filter::store::<Pokemon>().event_type(PokemonEventType::LeveledUp), Filter::store::<Counter>()));
    on!(
        "types",
        Filter::store::<Pokemon>()
            .event_type(PokemonEventType::LeveledUp)
            .event_type(PokemonEventType::CaughtByTrainer)
            .on_replay(true)
    );
    on!("none", Vec::<Filter<Trainer>>::new());
    let count = |name: &str| seen.entries().iter().filter(|(handler, _)| *handler == name).count();

    let pikachu = |event| NotificationMessage { event: happened(event) };
    bus.publish_messages((
        pikachu(pikachu_appeared()),
        pikachu(pikachu_caught()),
        pikachu(pikachu_leveled_up()),
        message("a", 1),
        NotificationMessage { event: happened(ash_started()) },
    ))
    .await
    .unwrap();
    listener.idle().await;
    assert_eq!(["vec", "array", "tuple", "types", "none"].map(count), [3, 5, 2, 2, 0]);
    seen.take();
    bus.publish_message(pikachu(pikachu_caught())).replay(true).await.unwrap();
    listener.idle().await;
    assert_eq!(["vec", "array", "tuple", "types", "none"].map(count), [1, 0, 0, 1, 0]);
}

/// The message that a handler receives is shared: it can be stored, cloned and sent.
#[tokio::test]
async fn received_messages_can_be_stored() {
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let kept = Log::<ReceivedMessage<NotificationMessage<Counter>>>::new();
    let log = kept.clone();
    listener.on(Filter::store::<Counter>(), move |message, _| {
        log.add(message.clone());
        async move {
            let there = tokio::spawn(async move { message.event.version }).await?;
            assert_eq!(there, 7);
            Ok(())
        }
    });
    bus.publish_message(message("a", 7)).await.unwrap();
    listener.idle().await;
    let received = kept.take().remove(0);
    assert_eq!(*received, message("a", 7));
    assert!(format!("{received:?}").contains("COUNTERS"));
}

/// Handlers that are added later receive the messages that are published afterwards.
#[tokio::test]
async fn listeners_can_be_added_later() {
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let seen = Log::new();
    bus.publish_message(message("a", 1)).await.unwrap();
    for version in 2..=3 {
        let log = seen.clone();
        listener.on(Filter::all(), move |message, _| {
            let CounterBusMessage::Counter(message) = &*message;
            log.add(name(message));
            async { Ok(()) }
        });
        bus.publish_message(message("a", version)).await.unwrap();
        listener.idle().await;
    }
    assert_eq!(seen.entries(), ["a2", "a3", "a3"]);
}

/// A handler can push events on a store that is connected to the bus of the handler. The chain of events ends, because
/// the first handler only pushes events up to a version, and the second handler ignores the events that it pushes.
#[tokio::test]
async fn handlers_can_push_on_stores_of_their_own_bus() {
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage.clone()).connect(bus.clone());
    let counters = EventStore::<Counter>::new(storage).connect(bus);
    let own = pokemons.clone();
    listener.on(Filter::store::<Pokemon>(), move |message, _| {
        let own = own.clone();
        async move {
            if message.event.version < 10 {
                let pokemon = own.get_existing_aggregate(&message.event.aggregate_id).await?.aggregate;
                own.push_event(pokemon.next_event(PokemonEvent::LeveledUp)).await?;
            }
            Ok(())
        }
    });
    let policy = Filter::store::<Pokemon>().event_type(PokemonEventType::LeveledUp);
    let own = counters.clone();
    listener.on(policy, move |message, _| {
        let own = own.clone();
        async move {
            let version = message.event.version - 1;
            own.push_event(NewEvent::new("levels", version, CounterEvent::Counted(version))).await?;
            Ok(())
        }
    });
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    listener.idle().await;
    assert_eq!(pokemons.get_existing_aggregate(PIKACHU).await.unwrap().aggregate.level, 11);
    assert_eq!(counters.get_existing_aggregate("levels").await.unwrap().aggregate.last, 9);
    listener.shutdown().await;
}
