//! Tests of the adapters that inject failures into storages and channels.

use std::time::Duration;

use castore::prelude::*;
use castore::storage::StorageError;
use castore::testing::{FaultyEventStorageAdapter, FaultyMessageChannelAdapter, RecordingMessageChannelAdapter};
use tokio::time::Instant;

use crate::golden::domain::*;

message_channel! {
    type Notifications = NotificationMessageBus<Pokemon>;
}

fn level_up(version: u64) -> NewEvent<Pokemon> {
    NewEvent::new(PIKACHU, version, PokemonEvent::LeveledUp)
}

#[tokio::test(start_paused = true)]
async fn storage_faults_are_injected() {
    let storage = FaultyEventStorageAdapter::new(InMemoryEventStorageAdapter::new());
    storage.fail_push(2);
    storage.lose_response_of_push(3);
    storage.conflict_on_push(5);
    storage.delay_push(6, Duration::from_secs(7));
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let stored = async || pokemons.get_events(PIKACHU).await.unwrap().len();

    pokemons.push_event(pikachu_appeared()).await.unwrap();
    let error = pokemons.push_event(level_up(2)).await.unwrap_err();
    let PushEventError::Storage { source, .. } = error else { panic!("{error}") };
    assert!(matches!(*source, StorageError::Engine(_)));
    assert_eq!(stored().await, 1);

    // The outcome of the push is unknown. Pushing again is safe, and shows whether the event was stored.
    let error = pokemons.push_event(level_up(2)).await.unwrap_err();
    let PushEventError::Storage { source, .. } = error else { panic!("{error}") };
    assert!(matches!(*source, StorageError::UnknownOutcome(_)));
    let error = pokemons.push_event(level_up(2)).await.unwrap_err();
    assert!(matches!(error, PushEventError::EventAlreadyExists(_)));
    assert_eq!(stored().await, 2);

    // Groups are counted together with pushes.
    let group = push_event_group((pokemons.group_event(level_up(3)), pokemons.group_event(level_up(4)))).await;
    assert!(matches!(group.unwrap_err(), PushEventError::EventAlreadyExists(_)));
    assert_eq!(stored().await, 2);
    let started = Instant::now();
    pokemons.push_event(level_up(3)).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(7));
}

#[command(id = "LEVEL_UP")]
async fn command(pokemons: &impl Store<Pokemon>) -> Result<u64, CommandError> {
    let pokemon = pokemons.get_existing_aggregate(PIKACHU).await?.aggregate;
    Ok(pokemons.push_event(pokemon.next_event(PokemonEvent::LeveledUp)).await?.event.version)
}

#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Read(#[from] EventStoreError),
    #[error(transparent)]
    Push(#[from] PushEventError),
}

#[tokio::test]
async fn command_retries_only_conflicts() {
    let storage = FaultyEventStorageAdapter::new(InMemoryEventStorageAdapter::new());
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    storage.conflict_on_push(2);
    storage.conflict_on_push(3);
    assert_eq!(command(&pokemons).await.unwrap(), 2);
    storage.fail_push(5);
    assert!(matches!(command(&pokemons).await, Err(CommandError::Push(PushEventError::Storage { .. }))));
    assert_eq!(command(&pokemons).await.unwrap(), 3, "push 6: the failed one was tried once");
}

#[tokio::test(start_paused = true)]
async fn channel_faults_are_injected() {
    let bus = Notifications::new();
    let recording = RecordingMessageChannelAdapter::<Notifications>::new();
    let faulty = FaultyMessageChannelAdapter::new(recording.clone());
    bus.set_adapter(faulty.clone());
    faulty.fail_publish(2);
    faulty.duplicate_publish(3);
    faulty.delay_publish(4, Duration::from_secs(3));
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new()).connect(bus);
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    let error = pokemons.push_event(level_up(2)).await.unwrap_err();
    assert!(matches!(error, PushEventError::StoredButNotPublished(_)));
    pokemons.push_event(level_up(3)).await.unwrap();
    let started = Instant::now();
    pokemons.push_event(level_up(4)).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(3));
    let versions: Vec<u64> = recording
        .take()
        .into_iter()
        .map(|recorded| {
            let NotificationsMessage::Pokemon(message) = recorded.message;
            message.event.version
        })
        .collect();
    assert_eq!(versions, [1, 3, 3, 4]);
}
