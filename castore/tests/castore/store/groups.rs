//! Tests of event groups of all sizes, with stores of all kinds.

use castore::prelude::*;
use castore::storage::StorageError;
use serde_json::json;

use crate::golden::domain::*;
use crate::support::{FixedClock, Log, LoggingStorage, Watched, timestamp};

message_channel! {
    type Notifications = NotificationMessageBus<Pokemon, Trainer>;
}

fn appear(version: u64) -> NewEvent<Pokemon> {
    NewEvent::new(format!("p{version}").as_str(), 1, appeared("P", 1))
}

#[tokio::test]
async fn twelve_events_of_one_store() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let g = |number| pokemons.group_event(appear(number));
    let pushed =
        push_event_group((g(1), g(2), g(3), g(4), g(5), g(6), g(7), g(8), g(9), g(10), g(11), g(12))).await.unwrap();
    assert_eq!((pushed.0.event.aggregate_id.as_str(), pushed.11.event.aggregate_id.as_str()), ("p1", "p12"));
    assert_eq!(pokemons.list_aggregate_ids().await.unwrap().aggregate_ids.len(), 12);
    let positions = [&pushed.0, &pushed.5, &pushed.11].map(|pushed| pushed.position.unwrap());
    assert!(positions.is_sorted(), "{positions:?}");
}

#[tokio::test]
async fn adapter_with_missing_receipts_is_accepted() {
    let storage = LoggingStorage::new(InMemoryEventStorageAdapter::new(), Log::new()).answering_no_groups();
    let pokemons = EventStore::<Pokemon>::new(storage);
    // The storage has stored the events but returns no receipts, so the events are returned without positions.
    let group = (pokemons.group_event(appear(1)), pokemons.group_event(appear(2)));
    let (first, second) = push_event_group(group).await.unwrap();
    assert_eq!((first.event.aggregate_id.as_str(), second.event.aggregate_id.as_str()), ("p1", "p2"));
    assert_eq!((first.position, second.position), (None, None));
    let all = push_event_group(vec![pokemons.group_event(appear(3)), pokemons.group_event(appear(4))]).await.unwrap();
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn group_of_a_vec_has_any_size() {
    let log = Log::new();
    let storage = LoggingStorage::new(InMemoryEventStorageAdapter::new(), log.clone()).logging_groups();
    let pokemons = EventStore::<Pokemon>::new(storage);
    let group: Vec<_> = (1..=500).map(|number| pokemons.group_event(appear(number))).collect();
    let pushed: Vec<PushedEvent<Pokemon>> = push_event_group(group).await.unwrap();
    assert_eq!(pushed.len(), 500);
    assert!(pushed.iter().zip(1..).all(|(pushed, number)| pushed.event.aggregate_id == format!("p{number}")));
    assert_eq!(log.take(), [json!(["storage.pushEventGroup", 500, {"force": false}])]);
    // One of the events has a version that exists.
    let group: Vec<_> = (500..=600).map(|number| pokemons.group_event(appear(number))).collect();
    let error = push_event_group(group).await.unwrap_err();
    assert!(matches!(&error, PushEventError::EventAlreadyExists(lost) if lost.aggregate_id == "p500"), "{error}");
    assert!(pokemons.get_events("p600").await.unwrap().is_empty());
    // An empty group succeeds.
    let none: Vec<PushedEvent<Pokemon>> =
        push_event_group(Vec::<castore::store::GroupedEvent<Pokemon>>::new()).await.unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn stores_of_all_kinds_in_one_group() {
    let storage = InMemoryEventStorageAdapter::new();
    let bus = Notifications::new();
    let watched = Watched::<NotificationsMessage>::new();
    bus.set_adapter(watched.clone());
    let plain = EventStore::<Pokemon>::new(storage.clone());
    let connected = plain.connect(bus.clone());
    let trainers = EventStore::<Trainer>::new(storage).connect(bus.clone()).connect(bus);
    let started = TrainerEvent::GameStarted { trainer_name: "Ash".into() };
    let (first, second, ash, third) = push_event_group((
        connected.group_event(appear(1)),
        plain.group_event(appear(2)),
        trainers.group_event(NewEvent::new(ASH, 1, started)),
        connected.group_event(appear(3)),
    ))
    .await
    .unwrap();
    let same = first.event.timestamp;
    assert!([second.event.timestamp, ash.event.timestamp, third.event.timestamp].iter().all(|other| *other == same));
    assert_eq!(ash.next_aggregate.unwrap().name, "Ash");
    let published: Vec<String> = watched
        .asked
        .take()
        .iter()
        .map(|publish| {
            use castore::message::ChannelMessage as _;
            publish.messages[0].as_message().aggregate_id()
        })
        .collect();
    assert_eq!(published, ["p1", ASH, ASH, "p3"], "in the order of the group; twice where connected twice");
}

/// The clock of the first store sets the timestamp of the group, unless an event has a timestamp.
#[tokio::test]
async fn clock_of_the_first_store_sets_the_timestamp() {
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage.clone()).with_clock(FixedClock::at("2024-01-01"));
    let trainers = EventStore::<Trainer>::new(storage).with_clock(FixedClock::at("2025-01-01"));
    let start = |id: &str| NewEvent::new(id, 1, TrainerEvent::GameStarted { trainer_name: "T".into() });
    let (one, other) =
        push_event_group((trainers.group_event(start("t1")), pokemons.group_event(appear(1)))).await.unwrap();
    assert_eq!((one.event.timestamp, other.event.timestamp), (timestamp("2025-01-01"), timestamp("2025-01-01")));
    let given = timestamp("2020-02-02");
    let (one, other, last) = push_event_group((
        pokemons.group_event(appear(2)),
        trainers.group_event(start("t2").timestamp(given)),
        pokemons.group_event(appear(3).timestamp(given)),
    ))
    .await
    .unwrap();
    assert_eq!([one.event.timestamp, other.event.timestamp, last.event.timestamp], [given; 3]);
    let error = push_event_group((
        pokemons.group_event(appear(4)),
        trainers.group_event(start("t4").timestamp(given)),
        pokemons.group_event(appear(5).timestamp(timestamp("2020-02-03"))),
    ))
    .await
    .unwrap_err();
    assert!(matches!(error, PushEventError::DifferentTimestamps { first: 1, second: 2 }), "{error}");
    assert!(trainers.get_events("t4").await.unwrap().is_empty());
}

#[tokio::test]
async fn group_is_checked_before_anything_is_stored() {
    let (here, elsewhere) = (InMemoryEventStorageAdapter::new(), InMemoryEventStorageAdapter::new());
    let pokemons = EventStore::<Pokemon>::new(here.clone());
    let strangers = EventStore::<Pokemon>::new(elsewhere);
    let nowhere = EventStore::<Pokemon>::without_adapter();
    let event = || pokemons.group_event(appear(1));

    let error = push_event_group((event(), event().clone(), strangers.group_event(appear(2)))).await.unwrap_err();
    let PushEventError::Storage { source, .. } = &error else { panic!("{error}") };
    let StorageError::GroupSpansStorages { index, event_store_id } = &**source else { panic!("{error}") };
    assert_eq!((*index, event_store_id.as_str()), (2, "POKEMONS"));

    let error = push_event_group((event(), nowhere.group_event(appear(2)))).await.unwrap_err();
    assert!(matches!(error, PushEventError::UndefinedEventStorageAdapter(_)));
    let zero = NewEvent::new("z", 0, PokemonEvent::LeveledUp);
    let error = push_event_group((event(), pokemons.group_event(zero))).await.unwrap_err();
    assert!(matches!(error, PushEventError::InvalidVersion { .. }));
    let refused = NewEvent::new("r", 1, PokemonEvent::LeveledUp);
    let error = push_event_group((event(), pokemons.group_event(refused))).await.unwrap_err();
    assert!(matches!(error, PushEventError::Reduce(_)));
    let twice = push_event_group((event(), event())).await.unwrap_err();
    assert!(matches!(twice, PushEventError::EventAlreadyExists(_)));
    assert!(pokemons.list_aggregate_ids().await.unwrap().aggregate_ids.is_empty());
    assert!(strangers.list_aggregate_ids().await.unwrap().aggregate_ids.is_empty());

    // Clones of a storage are one storage.
    let clone = EventStore::<Pokemon>::new(here);
    push_event_group((event(), clone.group_event(appear(2)))).await.unwrap();
}

#[tokio::test]
async fn forced_group_replaces_stored_events() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    pokemons.push_event(appear(1)).await.unwrap();
    let renamed = NewEvent::new("p1", 1, appeared("Renamed", 7));
    let (replaced, added) =
        push_event_group((pokemons.group_event(renamed), pokemons.group_event(appear(2)))).force(true).await.unwrap();
    assert!(replaced.position < added.position);
    let loaded = pokemons.get_existing_aggregate("p1").await.unwrap();
    assert_eq!((loaded.aggregate.name.as_str(), loaded.events.len()), ("Renamed", 1));
}

message_channel! {
    type Unordered = NotificationMessageQueue<Pokemon, Trainer>;
    #[channel(order = "per_aggregate")]
    type Ordered = NotificationMessageQueue<Pokemon, Trainer>;
}

/// A channel adapter that rejects one version of Pikachu, and records the other messages.
#[derive(Debug)]
struct Refusing {
    version: u64,
    published: Log<(String, u64)>,
}

#[async_trait::async_trait]
impl<M: castore::message::ChannelMessage> castore::channel::MessageChannelAdapter<M> for Refusing {
    async fn publish_message(
        &self,
        message: M,
        _: castore::channel::PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let about = message.as_message();
        let (aggregate_id, version) = (about.aggregate_id(), about.version().unwrap());
        if aggregate_id == PIKACHU && version == self.version {
            return Err(PublishError::Broker("refused".into()));
        }
        self.published.add((aggregate_id, version));
        Ok(())
    }

    async fn publish_messages(
        &self,
        _: Vec<M>,
        _: castore::channel::PublishMessageOptions,
    ) -> Result<(), PublishError> {
        Err(PublishError::ShutDown)
    }
}

impl<T: castore::channel::Topology> castore::channel::AdapterFor<T> for Refusing {
    type Order = castore::channel::PerAggregate;
}
/// Pushes a group with versions 1 to 4 of Pikachu and one event of Ash. For version 2, either the hook or publishing
/// fails. Returns the messages that were published on the ordered and on the unordered channel, and the error.
async fn failed_group(failing_hook: bool) -> (Vec<(String, u64)>, Vec<(String, u64)>, PushEventError) {
    let (ordered, unordered) = (Ordered::new(), Unordered::new());
    let (in_order, in_any_order) = (Log::new(), Log::new());
    let version = if failing_hook { 0 } else { 2 };
    ordered.set_adapter(Refusing { version, published: in_order.clone() });
    unordered.set_adapter(Refusing { version, published: in_any_order.clone() });
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let trainers = EventStore::<Trainer>::new(storage).connect(ordered.clone()).connect(unordered.clone());
    if failing_hook {
        pokemons.on_event_pushed(|pushed| async move {
            if pushed.event.version == 2 { Err(castore::consumer::HandlerError::new("the hook fails")) } else { Ok(()) }
        });
    }
    let pokemons = pokemons.connect(ordered).connect(unordered);
    let level = |version| pokemons.group_event(NewEvent::new(PIKACHU, version, PokemonEvent::LeveledUp));
    let first = pokemons.group_event(NewEvent::new(PIKACHU, 1, appeared("P", 1)));
    let ash = trainers.group_event(NewEvent { timestamp: None, ..ash_started() });
    let error = push_event_group((first, level(2), level(3), ash, level(4))).await.unwrap_err();
    (in_order.take(), in_any_order.take(), error)
}

fn failures(error: &PushEventError) -> Vec<(u64, bool)> {
    let PushEventError::StoredButNotPublished(error) = error else { panic!("{error:?}") };
    let held_back = |failure: &castore::store::AfterPushFailure| match &failure.step {
        castore::store::AfterPushStep::Publish { error: PublishError::Rejected { rejected, .. }, .. } => {
            rejected.iter().all(|rejected| rejected.reason.is::<castore::channel::HeldBackError>())
        }
        _ => false,
    };
    error.failures().iter().map(|failure| (failure.version, held_back(failure))).collect()
}

#[tokio::test]
async fn failed_event_holds_later_events_of_its_aggregate_back_where_the_order_counts() {
    let (in_order, in_any_order, error) = failed_group(false).await;
    let (pikachu, ash) = (|version| (PIKACHU.to_owned(), version), (ASH.to_owned(), 1));
    assert_eq!(in_order, [pikachu(1), ash.clone()]);
    assert_eq!(in_any_order, [pikachu(1), pikachu(3), ash, pikachu(4)]);
    assert_eq!(failures(&error), [(2, false), (2, false), (3, true), (4, true)]);
}

#[tokio::test]
async fn failed_hook_holds_later_events_of_its_aggregate_back_where_the_order_counts() {
    let (in_order, in_any_order, error) = failed_group(true).await;
    let (pikachu, ash) = (|version| (PIKACHU.to_owned(), version), (ASH.to_owned(), 1));
    assert_eq!(in_order, [pikachu(1), ash.clone()]);
    assert_eq!(in_any_order, [pikachu(1), pikachu(3), ash, pikachu(4)]);
    assert_eq!(failures(&error), [(2, false), (3, true), (4, true)]);
}
