//! Tests that the errors of a push distinguish "not stored" from "stored but not published".

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use castore::command::find_event_already_exists;
use castore::prelude::*;
use castore::storage::StorageError;
use castore::store::{AfterPushStep, StoredButNotPublished};

use crate::golden::domain::*;
use crate::support::{Log, LoggingStorage, Watched, chain};

message_channel! {
    type First = NotificationMessageQueue<Pokemon>;
    type Second = NotificationMessageBus<Pokemon, Trainer>;
    type States = StateCarryingMessageQueue<Pokemon>;
}

fn stored(error: &PushEventError) -> &StoredButNotPublished {
    match error {
        PushEventError::StoredButNotPublished(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn all_channels_are_tried_and_all_failures_are_returned() {
    let storage = InMemoryEventStorageAdapter::new();
    let (first, second) = (First::new(), Second::new());
    let (broken, watched) = (Watched::<FirstMessage>::new(), Watched::<SecondMessage>::new());
    broken.break_down();
    first.set_adapter(broken);
    second.set_adapter(watched.clone());
    let pokemons = EventStore::<Pokemon>::new(storage.clone()).connect(first).connect(second.clone());
    let trainers = EventStore::<Trainer>::new(storage).connect(second.clone());

    let error = pokemons.push_event(pikachu_appeared()).await.unwrap_err();
    assert_eq!(watched.asked.take().len(), 1, "the second is published on all the same");
    let [failure] = stored(&error).failures() else { panic!("{error}") };
    assert_eq!((failure.event_store_id, failure.aggregate_id.as_str(), failure.version), ("POKEMONS", PIKACHU, 1));
    assert!(matches!(failure.step, AfterPushStep::Publish { message_channel_id: "FIRST", .. }));
    let text = castore::error::error_chain(&error);
    for part in ["stored, but not published", "FIRST", "POKEMONS", PIKACHU, "pq is down"] {
        assert!(text.contains(part), "{text}");
    }

    second.clear_adapter();
    let now = NewEvent { timestamp: None, ..ash_started() };
    let error = push_event_group((
        pokemons.group_event(pikachu_caught()),
        trainers.group_event(now),
        pokemons.group_event(NewEvent::new(PIKACHU, 3, PokemonEvent::LeveledUp)),
    ))
    .await
    .unwrap_err();
    let channels: Vec<_> = stored(&error)
        .failures()
        .iter()
        .map(|failure| match &failure.step {
            AfterPushStep::Publish { message_channel_id, .. } => (*message_channel_id, failure.version),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(channels, [("FIRST", 2), ("SECOND", 2), ("SECOND", 1), ("FIRST", 3), ("SECOND", 3)]);
    let versions = |error: &StoredButNotPublished| -> Vec<u64> {
        error.pushed::<Pokemon>().map(|pushed| pushed.event.version).collect()
    };
    assert_eq!(versions(stored(&error)), [2, 3]);
    assert_eq!(stored(&error).pushed::<Trainer>().count(), 1);
    assert_eq!(stored(&error).pushed::<AnyPokemon>().count(), 0);
    assert!(stored(&error).to_string().contains("5 failures"), "{error}");

    // The caller publishes the events of the error again.
    second.set_adapter(watched.clone());
    for pushed in stored(&error).pushed::<Pokemon>() {
        second.publish_message(NotificationMessage { event: pushed.event.clone() }).await.unwrap();
    }
    assert_eq!(watched.asked.take().len(), 2);
}

#[tokio::test]
async fn failed_read_after_the_push_is_stored_but_not_published() {
    let log = Log::new();
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    // The storage of the channel's source fails.
    let down = LoggingStorage::new(storage, log);
    down.break_down();
    let channel = States::new(StatesSources { pokemon: EventStore::new(down) });
    channel.set_adapter(Watched::new());
    let source = pokemons.connect(channel.clone());
    let event = source.push_event(pikachu_caught()).await;
    // The push succeeds, because a connected store loads aggregates from its own storage.
    event.unwrap();
    let error = channel.get_aggregate_and_publish_message(happened(pikachu_caught())).await.unwrap_err();
    assert!(matches!(error, PublishError::LoadAggregate(_)));
    assert!(chain(&error).last().unwrap().contains("disk on fire"), "{error}");
}

#[tokio::test]
async fn storage_error_names_the_event() {
    let log = Log::new();
    let storage = LoggingStorage::new(InMemoryEventStorageAdapter::new(), log);
    storage.break_down();
    let pokemons = EventStore::<Pokemon>::new(storage);
    let errors = [
        pokemons.push_event(pikachu_appeared()).await.unwrap_err(),
        push_event_group((pokemons.group_event(pikachu_appeared()),)).await.unwrap_err(),
    ];
    for error in errors {
        let PushEventError::Storage { event_store_id, aggregate_id, version, source } = &error else {
            panic!("{error}")
        };
        assert_eq!((*event_store_id, aggregate_id.as_str(), *version), ("POKEMONS", PIKACHU, 1));
        assert!(matches!(**source, StorageError::Engine(_)));
        assert_eq!(chain(&error).last().unwrap(), "disk on fire");
    }
    for error in [
        pokemons.get_events(PIKACHU).await.unwrap_err(),
        pokemons.get_aggregate(PIKACHU).await.unwrap_err(),
        pokemons.get_events(PIKACHU).stream().next().await.unwrap().unwrap_err(),
    ] {
        assert!(error.to_string().contains(PIKACHU) && error.to_string().contains("POKEMONS"), "{error}");
        assert_eq!(chain(&error).last().unwrap(), "disk on fire");
    }
    assert!(pokemons.list_aggregate_ids().await.unwrap_err().to_string().contains("POKEMONS"));
}

#[derive(Debug, thiserror::Error)]
#[error("the command failed")]
struct Failed(#[from] PushEventError);

static RUNS: AtomicU32 = AtomicU32::new(0);

#[command(id = "CATCH", retries = 5)]
async fn catch(pokemons: &impl Store<Pokemon>) -> Result<(), Failed> {
    RUNS.fetch_add(1, Ordering::SeqCst);
    pokemons.push_event(pikachu_appeared()).await?;
    Ok(())
}

/// The error of the push contains the conflict that the hook has returned, but the event is stored, so the command must
/// not run again.
#[tokio::test]
async fn command_with_a_stored_event_does_not_run_again() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let conflict = EventAlreadyExists::new("S", "a", 1);
    pokemons.on_event_pushed(move |_| {
        let conflict = conflict.clone();
        async move { Err(conflict.into()) }
    });
    let error = catch(&pokemons).await.unwrap_err();
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
    assert!(matches!(error, Failed(PushEventError::StoredButNotPublished(_))));
    assert!(find_event_already_exists(&error).is_none());
    assert_eq!(pokemons.get_events(PIKACHU).await.unwrap().len(), 1);

    // The error contains a conflict of the command itself, so the command runs again.
    let error = catch(&pokemons).await.unwrap_err();
    assert_eq!(RUNS.load(Ordering::SeqCst), 7);
    assert_eq!(find_event_already_exists(&error).unwrap().version, 1);
}

/// A push whose future is dropped while publishing leaves the event stored.
#[tokio::test(start_paused = true)]
async fn dropped_push_leaves_a_complete_event() {
    let channel = First::new();
    channel.set_adapter(Watched::<FirstMessage>::new().slow(Duration::from_secs(3600)));
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new()).connect(channel);
    let push = pokemons.push_event(pikachu_appeared());
    assert!(tokio::time::timeout(Duration::from_secs(1), push.into_future()).await.is_err());
    assert_eq!(pokemons.get_events(PIKACHU).await.unwrap().len(), 1);
}

/// Returns the first error of a type in a chain of sources.
fn find<'e, T: std::error::Error + 'static>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e T> {
    std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
}

/// Callers can find an error by its type in the chain of sources, as error reporters do.
#[tokio::test]
async fn sources_are_found_by_type() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let error = pokemons.get_existing_aggregate(PIKACHU).await.unwrap_err();
    assert!(matches!(error, EventStoreError::AggregateNotFound(_)), "{error:?}");
    assert!(find::<EventStoreError>(&PublishError::from(error)).is_some());
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    let error = pokemons.push_event(pikachu_appeared()).await.unwrap_err();
    assert!(find::<EventAlreadyExists>(&error).is_some());
    let nowhere = EventStore::<Pokemon>::without_adapter();
    let error = nowhere.push_event(pikachu_appeared()).await.unwrap_err();
    assert!(matches!(error, PushEventError::UndefinedEventStorageAdapter(_)), "{error:?}");

    let states = States::new(StatesSources { pokemon: nowhere });
    let error = pokemons.connect(states).push_event(pikachu_caught()).await.unwrap_err();
    assert!(find::<StoredButNotPublished>(&error).is_some());
    let publish = find::<PublishError>(&error);
    assert!(matches!(publish, Some(PublishError::UndefinedAdapter(_))), "{publish:?}");
}
