//! Tests of failures during a pour, of the errors, and of resuming.

use std::error::Error;

use castore::prelude::*;
use castore::testing::FaultyMessageChannelAdapter;
use castore_replay::*;

use crate::domain::*;
use crate::storages::{Watch, Watched};

/// Returns the texts of an error and all its sources.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error| (*error).source()).map(ToString::to_string).collect()
}

fn some_events() -> Vec<EventDetail<Pokemon>> {
    let event = |id: &str, version, millis| pokemon_event(id, version, at(millis));
    vec![event("a", 1, 1), event("b", 1, 2), event("a", 2, 3), event("b", 2, 3), event("a", 3, 5)]
}

const ALL: [&str; 5] = ["POKEMONS a#1", "POKEMONS b#1", "POKEMONS a#2", "POKEMONS b#2", "POKEMONS a#3"];

#[tokio::test]
async fn a_message_that_cannot_be_published_stops_the_pour() {
    for failing in 1..=5 {
        let store = pokemons(some_events());
        let (bus, recording) = bus();
        let faulty = FaultyMessageChannelAdapter::new(recording.clone());
        faulty.fail_publish(failing);
        bus.set_adapter(faulty);

        let error = pour_event_store_events(&store, &bus).await.unwrap_err();
        let (before, after) = ALL.split_at(usize::try_from(failing).unwrap() - 1);
        assert_eq!(names(&recording), before);
        assert_eq!(error.poured().poured_event_count, failing - 1);
        let PourFailure::Publish { event_store_id, aggregate_id, version, source } = error.failure() else {
            panic!("{error:?}")
        };
        let failed = format!("{event_store_id} {aggregate_id}#{}", version.unwrap());
        assert_eq!(failed, after[0]);
        assert!(matches!(source, PublishError::Broker(_)));

        let mut pour = pour_event_store_events(&store, &bus);
        match error.into_poured().resume_point {
            Some(point) => pour = pour.resume_from(point),
            None => assert_eq!(failing, 1),
        }
        assert_eq!(pour.await.unwrap().poured_event_count, 6 - failing);
        assert_eq!(names(&recording), after);
    }
}

#[tokio::test]
async fn an_error_says_what_failed_with_its_sources_and_no_payload() {
    let store = pokemons(some_events());
    let (bus, recording) = bus();
    let faulty = FaultyMessageChannelAdapter::new(recording);
    faulty.fail_publish(2);
    bus.set_adapter(faulty);
    let error = pour_event_store_events(&store, &bus).await.unwrap_err();
    let chain = chain(&error);
    let expected = [
        "the pour stopped: could not publish version 1 of POKEMONS aggregate b",
        "the message broker is unavailable or rejected the connection",
        "failure injected by castore-testing",
    ];
    assert_eq!(chain, expected);
    assert!(!format!("{error:?}{}", chain.join(" ")).contains("Pikachu"));
}

#[tokio::test]
async fn a_store_that_cannot_be_read_stops_the_pour() {
    let mut failures = 0;
    for failing in 1..=20 {
        let adapter = InMemoryEventStorageAdapter::new().with_events(some_events()).unwrap();
        let watch = Watch { failing_read: Some(failing), ..Watch::default() };
        let store = EventStore::<Pokemon>::new(Watched::new(adapter, watch));
        let (bus, recording) = bus();
        // The pages have one event each, so that each read of an event can fail.
        let Err(error) = pour_event_store_events(&store, &bus).events_ahead(0).await else { continue };
        failures += 1;
        assert!(matches!(error.failure(), PourFailure::Read(EventStoreError::Storage { .. })), "{error:?}");
        let mut pour = pour_event_store_events(&store, &bus).events_ahead(0);
        if let Some(point) = error.into_poured().resume_point {
            pour = pour.resume_from(point);
        }
        pour.await.unwrap();
        assert_eq!(names(&recording), ALL);
    }
    assert!(failures >= 5, "{failures}");
}

/// A pour that resumes after the end pours the new events.
#[tokio::test]
async fn a_finished_pour_can_be_resumed_later() {
    let store = pokemons(some_events());
    let (bus, recording) = bus();
    let first = pour_event_store_events(&store, &bus).await.unwrap();
    names(&recording);
    let point = first.resume_point.unwrap();
    let again = pour_event_store_events(&store, &bus).resume_from(point.clone()).await.unwrap();
    assert_eq!((again.poured_event_count, again.resume_point.as_ref()), (0, Some(&point)));

    store.push_event(NewEvent::new("b", 3, PokemonEvent::LeveledUp).timestamp(at(9))).await.unwrap();
    let later = pour_event_store_events(&store, &bus).resume_from(point).await.unwrap();
    assert_eq!(names(&recording), ["POKEMONS b#3"]);
    assert_eq!(later.resume_point.unwrap().version(), 3);
}

#[tokio::test]
async fn resume_points_of_other_pours_are_rejected() {
    let (pokemons, trainers) = (pokemons(some_events()), trainers([trainer_event("t", 1, at(1))]));
    let (bus, recording) = bus();
    let of_trainers = pour_event_store_events(&trainers, &bus).await.unwrap().resume_point.unwrap();
    let of_both = pour_event_store_collection_events((&trainers, &pokemons), &bus).await.unwrap().resume_point.unwrap();
    let of_a = pour_aggregate_events(&pokemons, "a", &bus).await.unwrap().resume_point.unwrap();
    names(&recording);

    let error = pour_event_store_events(&pokemons, &bus).resume_from(of_trainers).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the pour stopped: the resume point belongs to a replay of TRAINERS, but this is a replay of POKEMONS"
    );
    // The order of the stores is part of the order of the pour.
    let error =
        pour_event_store_collection_events((&pokemons, &trainers), &bus).resume_from(of_both).await.unwrap_err();
    assert!(matches!(error.failure(), PourFailure::ForeignResumePoint { .. }));
    let error = pour_aggregate_events(&pokemons, "b", &bus).resume_from(of_a).await.unwrap_err();
    assert!(matches!(error.failure(), PourFailure::ForeignResumePoint { .. }));
    assert_eq!(names(&recording), [""; 0]);
}

/// Dropping the future ends the pour. The last progress report contains the resume point.
#[tokio::test(start_paused = true)]
async fn a_dropped_pour_resumes_from_its_last_progress() {
    let store = pokemons(some_events());
    let (bus, recording) = bus();
    let (send, receive) = std::sync::mpsc::channel();
    let pour = pour_event_store_events(&store, &bus)
        .rate_limit(std::num::NonZeroU32::MIN)
        .on_progress(move |progress| send.send(progress.resume_point.clone()).unwrap());
    let stopped = tokio::time::timeout(std::time::Duration::from_millis(2_500), pour.into_future()).await;
    assert!(stopped.is_err());
    assert_eq!(names(&recording), ALL[..3]);
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    assert_eq!(names(&recording), [""; 0]);
    let point = receive.into_iter().last().unwrap();
    pour_event_store_events(&store, &bus).resume_from(point).await.unwrap();
    assert_eq!(names(&recording), ALL[3..]);
}
