//! Tests of pushes in transactions of the caller, through event stores: groups, connected stores, hooks, and the
//! patterns of the guide.

use std::time::Duration;

use castore::prelude::*;
use castore::sqlite::rusqlite::{Connection, TransactionBehavior};
use castore::sqlite::{SqliteInbox, SqliteTransaction};
use castore::storage::{GroupedRawEvent, PushOptions, PushReceipt, PushTransaction, StorageError};
use castore::{TransactionalStore, push_event_group};
use tempfile::TempDir;

use crate::support::Log;

#[allow(dead_code, reason = "these tests use a part of the domain")]
mod domain {
    include!("../../src/guide/domain.rs");
}
use domain::*;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

async fn sqlite() -> (TempDir, SqliteEventStorageAdapter) {
    let folder = tempfile::tempdir().unwrap();
    let builder = SqliteEventStorageAdapter::builder(folder.path().join("game.db"));
    let sqlite = builder.busy_timeout(Duration::from_secs(60)).open().await.unwrap();
    let create = |transaction: &SqliteTransaction<'_>| -> Result<(), BoxError> {
        Ok(transaction.execute_batch("CREATE TABLE level (id TEXT PRIMARY KEY, level INTEGER NOT NULL)")?)
    };
    sqlite.transaction(create).await.unwrap();
    (folder, sqlite)
}

fn appeared(id: &str) -> NewEvent<Pokemon> {
    NewEvent::new(id, 1, PokemonEvent::Appeared { name: "Pikachu".into(), level: 5 })
}

fn started(id: &str) -> NewEvent<Trainer> {
    NewEvent::new(id, 1, TrainerEvent::GameStarted { trainer_name: "Ash".into() })
}

async fn level(sqlite: &SqliteEventStorageAdapter) -> Option<u32> {
    let read = |transaction: &SqliteTransaction<'_>| -> Result<Option<u32>, BoxError> {
        Ok(transaction.query_row("SELECT max(level) FROM level", [], |row| row.get(0))?)
    };
    sqlite.transaction(read).await.unwrap()
}

#[derive(Debug, thiserror::Error)]
enum LevelUpError {
    #[error(transparent)]
    Read(#[from] EventStoreError),
    #[error(transparent)]
    Push(#[from] PushEventError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Sql(#[from] castore::sqlite::rusqlite::Error),
}

#[command(id = "LEVEL_UP", retries = 100)]
async fn level_up(
    id: &str,
    pokemons: &impl TransactionalStore<Pokemon>,
    sqlite: &SqliteEventStorageAdapter,
) -> Result<u32, LevelUpError> {
    let pokemon = pokemons.get_existing_aggregate(id).without_events().await?;
    let (pokemons, id) = (pokemons.clone(), id.to_owned());
    let transaction = sqlite.transaction(move |transaction| -> Result<u32, LevelUpError> {
        let pushed = pokemons.push_event(pokemon.next_event(PokemonEvent::LeveledUp)).within_blocking(transaction)?;
        let level = pushed.next_aggregate.map_or(0, |pokemon| pokemon.level);
        let upsert = "INSERT INTO level VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET level = excluded.level";
        transaction.execute(upsert, (&id, level))?;
        Ok(level)
    });
    transaction.await
}

#[tokio::test(flavor = "multi_thread")]
async fn inline_read_model_follows_concurrent_commands() {
    let (_folder, sqlite) = sqlite().await;
    let pokemons = EventStore::<Pokemon>::new(sqlite.clone()).connect_via_relay(AppBus::new());
    pokemons.push_event(appeared("pikachu1")).await.unwrap();
    let call = |_| {
        let (pokemons, sqlite) = (pokemons.clone(), sqlite.clone());
        tokio::spawn(async move { level_up("pikachu1", &pokemons, &sqlite).await })
    };
    let calls: Vec<_> = (0..20).map(call).collect();
    let mut levels = Vec::new();
    for call in calls {
        levels.push(call.await.unwrap().unwrap());
    }
    levels.sort_unstable();
    assert_eq!(levels, (6..=25).collect::<Vec<_>>());
    assert_eq!(level(&sqlite).await, Some(25));
    assert_eq!(pokemons.get_existing_aggregate("pikachu1").await.unwrap().aggregate.level, 25);
}

#[tokio::test]
async fn message_handled_twice_pushes_once() {
    let (folder, sqlite) = sqlite().await;
    let trainers = EventStore::<Trainer>::new(sqlite.clone());
    let event = EventStore::<Pokemon>::new(sqlite.clone()).push_event(appeared("pikachu1")).await.unwrap().event;
    let message = NotificationMessage { event };
    let mut connection = Connection::open(folder.path().join("game.db")).unwrap();
    let inbox = SqliteInbox::new("starter");
    inbox.create_table(&connection).unwrap();
    let mut handle = |commits: bool| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let first = inbox.first_time(&transaction, &message).unwrap();
        if first {
            trainers.push_event(started("ash")).within_blocking(&transaction).unwrap();
        }
        if commits {
            transaction.commit().unwrap();
        }
        first
    };
    assert!(handle(false), "a handler that failed before its commit");
    assert!(handle(true), "the message was not handled before");
    assert!(!handle(true), "the message was handled");
    assert_eq!(trainers.get_events("ash").await.unwrap().len(), 1);
}

#[tokio::test]
async fn message_is_handled_once_in_a_transaction_of_the_adapter() {
    let (folder, sqlite) = sqlite().await;
    let trainers = EventStore::<Trainer>::new(sqlite.clone());
    let event = EventStore::<Pokemon>::new(sqlite.clone()).push_event(appeared("pikachu1")).await.unwrap().event;
    let message = NotificationMessage { event };
    SqliteInbox::new("starter").create_table(&Connection::open(folder.path().join("game.db")).unwrap()).unwrap();
    for expected in [true, false] {
        let (trainers, message) = (trainers.clone(), message.clone());
        let handled =
            sqlite.transaction(move |transaction| -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
                let first = SqliteInbox::new("starter").first_time(transaction, &message)?;
                if first {
                    trainers.push_event(started("ash")).within_blocking(transaction)?;
                }
                Ok(first)
            });
        assert_eq!(handled.await.unwrap(), expected);
    }
    assert_eq!(trainers.get_events("ash").await.unwrap().len(), 1);
}

#[tokio::test]
async fn relay_publishes_what_is_committed() {
    let (_folder, sqlite) = sqlite().await;
    let (bus, seen) = (AppBus::new(), Log::new());
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    let log = seen.clone();
    adapter.on(Filter::store::<Pokemon>(), move |message, _| {
        log.add(message.event.aggregate_id.clone());
        async { Ok(()) }
    });
    let pokemons = EventStore::<Pokemon>::new(sqlite.clone()).connect_via_relay(bus.clone());
    let relay = Relay::builder(bus).publish(&pokemons).start(sqlite.clone(), RelayStart::Beginning).await.unwrap();
    for (id, commits) in [("rolled-back", false), ("committed", true)] {
        let pokemons = pokemons.clone();
        let push = move |transaction: &SqliteTransaction<'_>| -> Result<(), BoxError> {
            pokemons.push_event(appeared(id)).within_blocking(transaction)?;
            if commits { Ok(()) } else { Err("changed its mind".into()) }
        };
        assert_eq!(sqlite.transaction(push).await.is_ok(), commits);
    }
    relay.wait_until_caught_up(Duration::from_secs(30)).await.unwrap();
    adapter.idle().await;
    assert_eq!(seen.entries(), ["committed"]);
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn group_with_a_conflict_changes_nothing_and_the_transaction_continues() {
    let (_folder, sqlite) = sqlite().await;
    let pokemons = EventStore::<Pokemon>::new(sqlite.clone()).connect_via_relay(AppBus::new());
    let trainers = EventStore::<Trainer>::new(sqlite.clone());
    pokemons.push_event(appeared("taken")).await.unwrap();
    let (stores, clones) = ((pokemons.clone(), trainers.clone()), (pokemons.clone(), trainers.clone()));
    let push = move |transaction: &SqliteTransaction<'_>| -> Result<_, BoxError> {
        let (pokemons, trainers) = clones;
        let group = push_event_group((trainers.group_event(started("lost")), pokemons.group_event(appeared("taken"))));
        let conflict = group.within_blocking(transaction);
        let group = push_event_group((pokemons.group_event(appeared("a")), trainers.group_event(started("a"))));
        let pushed = group.within_blocking(transaction)?;
        let none =
            push_event_group(Vec::<castore::store::GroupedEvent<Pokemon>>::new()).within_blocking(transaction)?;
        assert!(none.is_empty());
        Ok((conflict.map(drop), pushed))
    };
    let (conflict, (pokemon, trainer)) = sqlite.transaction(push).await.unwrap();
    match conflict {
        Err(PushEventError::EventAlreadyExists(conflict)) => assert_eq!(conflict.aggregate_id, "taken"),
        other => panic!("a conflict was expected, not {other:?}"),
    }
    assert!(pokemon.position < trainer.position, "{:?} {:?}", pokemon.position, trainer.position);
    assert_eq!(pokemon.event.timestamp, trainer.event.timestamp);
    let (pokemons, trainers) = stores;
    assert_eq!(trainers.get_events("lost").await.unwrap().len(), 0);
    assert_eq!(trainers.get_events("a").await.unwrap().len(), 1);
    assert_eq!(pokemons.get_events("a").await.unwrap().len(), 1);
}

#[tokio::test]
async fn store_with_a_hook_or_of_another_storage_is_rejected() {
    let (_folder, sqlite) = sqlite().await;
    let hooked = EventStore::<Trainer>::new(sqlite.clone());
    hooked.on_event_pushed(|_| async { Ok(()) });
    let elsewhere = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let here = EventStore::<Pokemon>::new(sqlite.clone());
    let push = move |transaction: &SqliteTransaction<'_>| -> Result<_, BoxError> {
        let hook = hooked.push_event(started("a")).within_blocking(transaction).map(drop);
        let group = push_event_group(vec![here.group_event(appeared("a")), elsewhere.group_event(appeared("b"))]);
        Ok((hook, group.within_blocking(transaction).map(drop)))
    };
    let (hook, group) = sqlite.transaction(push).await.unwrap();
    assert!(matches!(hook, Err(PushEventError::HookInTransaction { event_store_id: "TRAINERS" })), "{hook:?}");
    match group {
        Err(PushEventError::Storage { source, .. }) => {
            assert!(matches!(*source, StorageError::OtherStorage { index: 1, .. }), "{source:?}");
        }
        other => panic!("`OtherStorage` was expected, not {other:?}"),
    }
    assert_eq!(EventStore::<Pokemon>::new(sqlite).get_events("a").await.unwrap().len(), 0);
}

/// A transaction that stands for one of an asynchronous driver. It collects the pushes.
#[derive(Default)]
struct Pending(Vec<(Vec<GroupedRawEvent>, PushOptions)>);

/// The marker type for the kind of storage to which [`Pending`] belongs.
enum Kept {}

impl PushTransaction<Kept> for Pending {
    async fn push_in_transaction(
        &mut self,
        events: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        tokio::task::yield_now().await;
        let receipts = vec![PushReceipt::default(); events.len()];
        self.0.push((events, options));
        Ok(receipts)
    }
}

#[tokio::test]
async fn asynchronous_transaction_receives_events_and_options() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new()).connect_via_relay(AppBus::new());
    let mut transaction = Pending::default();
    let unused = pokemons.push_event(appeared("unused")).within(&mut transaction);
    drop(unused);
    let pushed = pokemons.push_event(appeared("a")).force(true).within(&mut transaction).await.unwrap();
    assert_eq!(pushed.next_aggregate.map(|pokemon| pokemon.level), Some(5));
    let group = push_event_group(vec![pokemons.group_event(appeared("b")), pokemons.group_event(appeared("c"))]);
    // Requests can be sent to other threads.
    let spawned = tokio::spawn(async move {
        let pushed = group.allow_gap(true).within(&mut transaction).await.unwrap().len();
        (pushed, transaction)
    });
    let (pushed, transaction) = spawned.await.unwrap();
    assert_eq!(pushed, 2);
    let ids = |(events, options): (Vec<GroupedRawEvent>, PushOptions)| {
        (events.into_iter().map(|event| event.event.aggregate_id).collect::<Vec<_>>(), options)
    };
    assert_eq!(
        transaction.0.into_iter().map(ids).collect::<Vec<_>>(),
        [
            (vec!["a".to_owned()], PushOptions::new().force(true)),
            (vec!["b".to_owned(), "c".to_owned()], PushOptions::new().allow_gap(true)),
        ]
    );
    assert_eq!(pokemons.get_events("a").await.unwrap().len(), 0, "the transaction was not committed");
}

/// Reads within a transaction see the events of the transaction, and return the same types as other reads.
#[tokio::test]
async fn reads_within_a_transaction() {
    let (_folder, sqlite) = sqlite().await;
    let pokemons = EventStore::<Pokemon>::new(sqlite.clone());
    pokemons.push_event(appeared("pikachu1")).await.unwrap();
    let store = pokemons.clone();
    let level = move |transaction: &SqliteTransaction<'_>| -> Result<u32, LevelUpError> {
        let pokemon = store.get_existing_aggregate("pikachu1").without_events().within_blocking(transaction)?;
        store.push_event(pokemon.next_event(PokemonEvent::LeveledUp)).within_blocking(transaction)?;
        let loaded = store.get_existing_aggregate("pikachu1").within_blocking(transaction)?;
        assert_eq!((loaded.events.len(), loaded.last_event.version), (2, 2));
        let first = store.get_aggregate("pikachu1").max_version(1).within_blocking(transaction)?;
        assert_eq!(first.aggregate.map(|pokemon| pokemon.level), Some(5));
        assert_eq!(store.get_events("pikachu1").min_version(2).within_blocking(transaction)?.len(), 1);
        assert!(store.get_aggregate("unknown").within_blocking(transaction)?.aggregate.is_none());
        let unknown = store.get_existing_aggregate("unknown").within_blocking(transaction);
        assert!(matches!(unknown, Err(EventStoreError::AggregateNotFound(_))), "{unknown:?}");
        let unknown = store.get_existing_aggregate("unknown").without_events().within_blocking(transaction);
        assert!(matches!(unknown, Err(EventStoreError::AggregateNotFound(_))), "{unknown:?}");
        Ok(loaded.aggregate.level)
    };
    assert_eq!(sqlite.transaction(level).await.unwrap(), 6);
    let elsewhere = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let read = move |transaction: &SqliteTransaction<'_>| -> Result<(), LevelUpError> {
        let read = elsewhere.get_aggregate("pikachu1").without_events().within_blocking(transaction);
        match read {
            Err(EventStoreError::Storage { source, .. }) => {
                assert!(matches!(*source, StorageError::ReadInOtherStorage { .. }), "{source:?}");
            }
            other => panic!("`ReadInOtherStorage` was expected, not {other:?}"),
        }
        Ok(())
    };
    sqlite.transaction(read).await.unwrap();
    sqlite.shutdown().await;
}
