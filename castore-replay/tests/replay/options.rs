//! Tests of filters by type, state-carrying channels, connected stores and the order of events.

use castore::prelude::*;
use castore_replay::*;

use crate::domain::*;
use crate::storages::{Watch, Watched};

fn backup() -> (BackupQueue, Recording<BackupQueue>, EventStore<Pokemon>, EventStore<Trainer>) {
    let event = |id: &str, version, millis| pokemon_event(id, version, at(millis));
    let pokemons = pokemons([event("a", 1, 1), event("b", 1, 2), event("a", 2, 3), event("b", 2, 4), event("a", 3, 5)]);
    let trainers = trainers([trainer_event("t", 1, at(2)), trainer_event("t", 2, at(3))]);
    let queue = BackupQueue::new(BackupQueueSources { pokemon: pokemons.clone(), trainer: trainers.clone() });
    let recording = Recording::attach_to(&queue);
    (queue, recording, pokemons, trainers)
}

/// Returns the name of each message, with the number of events in its state. Asserts that the version of the aggregate
/// is the version of the event.
fn states(recording: &Recording<BackupQueue>) -> Vec<String> {
    let messages = recording.take();
    assert!(messages.iter().all(|message| message.replay));
    let text = |message: &MessageOf<BackupQueue>| {
        let json = serde_json::to_value(message).unwrap();
        assert_eq!(json["aggregate"]["version"], json["event"]["version"]);
        format!("{} {}", name(message), json["aggregate"]["events"])
    };
    messages.iter().map(|published| text(&published.message)).collect()
}

#[tokio::test]
async fn state_carrying_channels_get_the_aggregate_at_each_version() {
    let (queue, recording, pokemons, trainers) = backup();
    let all = ["POKEMONS a#1 1", "POKEMONS b#1 1", "POKEMONS a#2 2", "POKEMONS b#2 2", "POKEMONS a#3 3"];
    for events_ahead in [0, 1_000] {
        let whole = pour_event_store_events(&pokemons, &queue).events_ahead(events_ahead).await.unwrap();
        assert_eq!(states(&recording), all);
        // The state is also correct if earlier events are filtered out.
        pour_event_store_events(&pokemons, &queue).events_ahead(events_ahead).from(at(4)).await.unwrap();
        assert_eq!(states(&recording), all[3..]);
        let caught = pour_event_store_events(&pokemons, &queue).event_type(PokemonEventType::CaughtByTrainer);
        caught.events_ahead(events_ahead).await.unwrap();
        assert_eq!(states(&recording), all[2..4]);
        let none = pour_event_store_events(&pokemons, &queue).resume_from(whole.resume_point.unwrap()).await.unwrap();
        assert_eq!(none.poured_event_count, 0);
    }
    pour_event_store_collection_events((&pokemons, &trainers), &queue).from(at(3)).to(at(3)).await.unwrap();
    assert_eq!(states(&recording), ["POKEMONS a#2 2", "TRAINERS t#2 2"]);
}

#[tokio::test]
async fn a_single_aggregate_carries_its_state_too() {
    let (queue, recording, pokemons, _) = backup();
    pour_aggregate_events(&pokemons, "a", &queue).await.unwrap();
    assert_eq!(states(&recording), ["POKEMONS a#1 1", "POKEMONS a#2 2", "POKEMONS a#3 3"]);
    pour_aggregate_events(&pokemons, "a", &queue).min_version(2).await.unwrap();
    assert_eq!(states(&recording), ["POKEMONS a#2 2", "POKEMONS a#3 3"]);
    let last = pour_aggregate_events(&pokemons, "a", &queue).reverse(true).limit(2).await.unwrap();
    assert_eq!(states(&recording), ["POKEMONS a#3 3", "POKEMONS a#2 2"]);
    let rest = pour_aggregate_events(&pokemons, "a", &queue).reverse(true);
    rest.resume_from(last.resume_point.unwrap()).await.unwrap();
    assert_eq!(states(&recording), ["POKEMONS a#1 1"]);
}

#[tokio::test]
async fn event_types_are_chosen_for_each_store() {
    let (_, _, pokemons, trainers) = backup();
    let (bus, recording) = bus();
    let caught = events_of(&pokemons).event_type(PokemonEventType::CaughtByTrainer);
    let started = events_of(&trainers).event_type(TrainerEventType::GameStarted);
    let poured = pour_event_store_collection_events((caught.clone(), started), &bus).await.unwrap();
    assert_eq!(names(&recording), ["TRAINERS t#1", "POKEMONS a#2", "POKEMONS b#2"]);
    assert_eq!(poured.poured_event_count, 3);
    pour_event_store_collection_events((caught.event_type(PokemonEventType::LeveledUp), &trainers), &bus)
        .await
        .unwrap();
    assert_eq!(names(&recording), ["TRAINERS t#1", "POKEMONS a#2", "TRAINERS t#2", "POKEMONS b#2", "POKEMONS a#3"]);
    let both = pour_aggregate_events(&pokemons, "a", &bus).event_type(PokemonEventType::LeveledUp);
    both.event_type(PokemonEventType::Appeared).await.unwrap();
    assert_eq!(names(&recording), ["POKEMONS a#1", "POKEMONS a#3"]);
}

/// A pour only reads from a connected store. The store does not publish the events on its own channel again.
#[tokio::test]
async fn connected_stores_are_poured_like_plain_stores() {
    let (_, _, pokemons, trainers) = backup();
    let (live, live_recording) = bus();
    let (replayed, recording) = bus();
    let connected = pokemons.connect(live);
    pour_event_store_events(&connected, &replayed).to(at(2)).await.unwrap();
    pour_event_store_collection_events((&connected, &trainers), &replayed).to(at(1)).await.unwrap();
    assert_eq!(names(&recording), ["POKEMONS a#1", "POKEMONS b#1", "POKEMONS a#1"]);
    assert!(live_recording.messages().is_empty());
}

/// Timestamps have a resolution of milliseconds: microseconds do not affect the order.
#[tokio::test]
async fn microseconds_do_not_affect_the_order() {
    let event = |id: &str, version, text: &str| pokemon_event(id, version, timestamp(text));
    let store = pokemons([
        event("a", 1, "2021-01-01T00:00:00.001900Z"),
        event("b", 1, "2021-01-01T00:00:00.001100Z"),
        event("a", 2, "2021-01-01T00:00:00.002000Z"),
    ]);
    let (bus, recording) = bus();
    let window = timestamp("2021-01-01T00:00:00.001500Z");
    let poured = pour_event_store_events(&store, &bus).from(window).to(window).await.unwrap();
    assert_eq!(names(&recording), ["POKEMONS a#1", "POKEMONS b#1"]);
    pour_event_store_events(&store, &bus).resume_from(poured.resume_point.unwrap()).await.unwrap();
    assert_eq!(names(&recording), ["POKEMONS a#2"]);
}

/// A clock that is set back does not change the order of versions.
#[tokio::test]
async fn versions_stay_in_order_whatever_their_timestamps() {
    let store = pokemons([
        pokemon_event("a", 1, at(1)),
        pokemon_event("a", 2, at(10)),
        pokemon_event("a", 3, at(4)),
        pokemon_event("b", 1, at(5)),
        pokemon_event("b", 2, at(11)),
    ]);
    let (bus, recording) = bus();
    pour_event_store_events(&store, &bus).await.unwrap();
    assert_eq!(names(&recording), ["POKEMONS a#1", "POKEMONS b#1", "POKEMONS a#2", "POKEMONS a#3", "POKEMONS b#2"]);
}

#[tokio::test]
async fn a_channel_without_adapter_is_an_error() {
    let store = pokemons([pokemon_event("a", 1, at(1))]);
    let error = pour_event_store_events(&store, &AppBus::new()).await.unwrap_err();
    assert!(
        matches!(error.failure(), PourFailure::Publish { source: PublishError::UndefinedAdapter(_), .. }),
        "{error:?}"
    );
    let error = pour_event_store_events(&EventStore::<Pokemon>::without_adapter(), &bus().0).await.unwrap_err();
    assert!(matches!(error.failure(), PourFailure::Read(EventStoreError::UndefinedEventStorageAdapter(_))));
}

/// Requests and their futures can be sent to other tasks.
#[test]
fn pours_are_send() {
    fn check(_: impl IntoFuture<IntoFuture: Send> + Send) {}
    let (queue, _, pokemons, trainers) = backup();
    check(pour_event_store_events(&pokemons, &queue));
    check(pour_aggregate_events(&pokemons, "a", &queue));
    check(pour_event_store_aggregate_ids(&pokemons, &CensusBus::new()));
    check(pour_event_store_collection_events((&pokemons, &trainers), &queue));
}

/// DynamoDB may return an empty last page.
#[tokio::test]
async fn an_empty_last_page_of_ids_is_the_end() {
    let events = ["a", "b", "c"].map(|id| pokemon_event(id, 1, at(1)));
    let adapter = InMemoryEventStorageAdapter::new().with_events(events).unwrap();
    let watch = Watch { empty_last_page: true, ..Watch::default() };
    let store = EventStore::<Pokemon>::new(Watched::new(adapter, watch));
    let census = CensusBus::new();
    let recording = Recording::attach_to(&census);
    let poured = pour_event_store_aggregate_ids(&store, &census).limit(2).await.unwrap();
    assert_eq!(poured.poured_aggregate_id_count, 3);
    assert_eq!(names(&recording), ["POKEMONS a", "POKEMONS b", "POKEMONS c"]);
    // Resuming at the end finds no events, and keeps the resume point.
    let point = poured.resume_point.unwrap();
    let again = pour_event_store_aggregate_ids(&store, &census).resume_from(point.clone()).await.unwrap();
    assert_eq!((again.poured_aggregate_id_count, again.resume_point), (0, Some(point)));
}

#[tokio::test]
async fn a_dry_run_publishes_nothing_and_counts_each_event_type() {
    let (queue, recording, pokemons, trainers) = backup();
    let types = |types: &[(&str, u64)]| types.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let dry = pour_event_store_events(&pokemons, &queue).from(at(2)).dry_run(true).await.unwrap();
    assert_eq!(states(&recording), [] as [&str; 0]);
    assert_eq!(dry.poured_event_types, types(&[("APPEARED", 1), ("CAUGHT_BY_TRAINER", 2), ("LEVELED_UP", 1)]));
    let poured = pour_event_store_events(&pokemons, &queue).from(at(2)).await.unwrap();
    assert_eq!((states(&recording).len(), &poured), (4, &dry), "the same result, but published");
    // A dry run does not wait for the rate limit.
    let slow = std::num::NonZeroU32::new(1).unwrap();
    let dry = pour_event_store_collection_events((&pokemons, &trainers), &queue).rate_limit(slow).dry_run(true);
    let started = std::time::Instant::now();
    let dry = dry.await.unwrap();
    assert!(started.elapsed() < std::time::Duration::from_secs(1));
    assert_eq!(dry.scans[1].poured_event_types, types(&[("GAME_STARTED", 1), ("POKEMON_CAUGHT", 1)]));
}
