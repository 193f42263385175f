//! Tests that futures can be spawned, and that shared types are `Send` and `Sync`.

use castore::prelude::*;
use castore::store::EventStream;
use futures_core::future::BoxFuture;

use crate::golden::domain::*;
use crate::support::Watched;

message_channel! {
    type Notifications = NotificationMessageBus<Pokemon, Trainer>;
    type States = StateCarryingMessageQueue<Pokemon>;
}

fn spawnable<F: IntoFuture<IntoFuture: Send + 'static, Output: Send + 'static>>(_: F) {}
fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
fn an_error<E: std::error::Error + Send + Sync + 'static>() {}
fn send<T: Send + 'static>() {}

#[test]
fn futures_are_send_and_static() {
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let trainers = EventStore::<Trainer>::new(storage);
    let bus = Notifications::new();
    let states = States::new(StatesSources { pokemon: pokemons.clone() });
    let connected = pokemons.connect(bus.clone()).connect(states.clone());
    shared(&pokemons);
    shared(&connected);
    shared(&bus);
    shared(&states);
    shared(&InMemoryMessageBusAdapter::<Notifications>::new());
    shared(&InMemoryMessageQueueAdapter::<States>::new());
    shared(&NotificationMessage { event: happened(pikachu_appeared()) });

    spawnable(connected.get_events("p"));
    spawnable(connected.get_aggregate("p"));
    spawnable(connected.get_aggregate("p").without_events());
    spawnable(connected.get_existing_aggregate("p"));
    spawnable(connected.get_existing_aggregate("p").without_events());
    spawnable(connected.push_event(pikachu_appeared()).force(true));
    spawnable(connected.list_aggregate_ids());
    spawnable(push_event_group((connected.group_event(pikachu_appeared()), trainers.group_event(ash_started()))));
    spawnable(push_event_group(vec![pokemons.group_event(pikachu_appeared())]));
    let message = NotificationMessage { event: happened(pikachu_appeared()) };
    spawnable(bus.publish_message(message.clone()));
    spawnable(bus.publish_messages([message.clone()]));
    spawnable(bus.publish_messages((message, NotificationMessage { event: happened(ash_started()) })));
    spawnable(states.get_aggregate_and_publish_message(happened(pikachu_appeared())));
    send::<EventStream<Pokemon>>();
    send::<BoxFuture<'static, ()>>();
    an_error::<PushEventError>();
    an_error::<EventStoreError>();
    an_error::<PublishError>();
    an_error::<ReduceError>();
    an_error::<castore::event::DecodeEventError>();
    an_error::<castore::storage::StorageError>();
}

#[command(id = "SPAWNED")]
async fn spawned(id: String, pokemons: &impl Store<Pokemon>, note: &str) -> Result<usize, PushEventError> {
    pokemons.push_event(NewEvent::new(&id, 1, appeared(note, 1))).await?;
    Ok(id.len())
}

/// Many tasks push on one store on several threads, and each version is stored once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_pushes_store_each_version_once() {
    let bus = Notifications::new();
    let watched = Watched::<NotificationsMessage>::new();
    bus.set_adapter(watched.clone());
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new()).connect(bus);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let pokemons = pokemons.clone();
            tokio::spawn(async move {
                let mut won = 0;
                for version in 1..=100 {
                    let payload = if version == 1 { appeared("P", 1) } else { PokemonEvent::LeveledUp };
                    match pokemons.push_event(NewEvent::new("p", version, payload)).await {
                        Ok(_) => won += 1,
                        Err(PushEventError::EventAlreadyExists(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += task.await.unwrap();
    }
    assert_eq!(won, 100);
    assert_eq!(watched.asked.len(), 100);
    assert_eq!(pokemons.get_existing_aggregate("p").await.unwrap().aggregate.level, 100);
    let task = tokio::spawn(async move { spawned("long".to_owned(), &pokemons, "note").await });
    assert_eq!(task.await.unwrap().unwrap(), 4);
}
