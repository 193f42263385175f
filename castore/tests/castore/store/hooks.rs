//! Tests of hooks, which are called after an event is stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use castore::prelude::*;
use castore::store::AfterPushStep;

use crate::golden::domain::*;
use crate::support::{Log, Watched, chain};

message_channel! {
    type Notifications = NotificationMessageQueue<Pokemon>;
}

fn stored(error: PushEventError) -> castore::store::StoredButNotPublished {
    match error {
        PushEventError::StoredButNotPublished(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn latest_hook_is_awaited_before_publishing() {
    let log = Log::<String>::new();
    let channel = Notifications::new();
    let publish_log = log.clone();
    channel.set_adapter(Watched::<NotificationsMessage>::new().telling(move |_, _, what| {
        publish_log.add(format!("publish {what}"));
    }));
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let connected = pokemons.connect(channel);
    pokemons.on_event_pushed(|_| async { panic!("replaced") });
    let hook_log = log.clone();
    connected.event_store().on_event_pushed(move |pushed| {
        let log = hook_log.clone();
        async move {
            tokio::task::yield_now().await;
            log.add(format!("hook {}", pushed.event.version));
            Ok(())
        }
    });
    connected.push_event(pikachu_appeared()).await.unwrap();
    assert_eq!(log.take(), ["hook 1", "publish start", "publish done"]);
    push_event_group((connected.group_event(pikachu_caught()), pokemons.group_event(charizard_appeared()))).await.ok();
    assert!(log.take().is_empty(), "different timestamps: nothing is stored");
    let now = NewEvent { timestamp: None, ..charizard_appeared() };
    push_event_group((connected.group_event(pikachu_caught()), pokemons.group_event(now))).await.unwrap();
    assert_eq!(log.take(), ["hook 2", "publish start", "publish done", "hook 1"]);
}

#[tokio::test]
async fn hook_can_push_on_its_own_store() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let (again, calls) = (pokemons.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = calls.clone();
    pokemons.on_event_pushed(move |pushed| {
        let (again, counted) = (again.clone(), counted.clone());
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            if pushed.event.version < 4 {
                let event =
                    NewEvent::new(&pushed.event.aggregate_id, pushed.event.version + 1, PokemonEvent::LeveledUp);
                again.push_event(event).await?;
            }
            Ok(())
        }
    });
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    assert_eq!((calls.load(Ordering::SeqCst), pokemons.get_events(PIKACHU).await.unwrap().len()), (4, 4));
    // The hook and the store own each other, so the test replaces the hook. Otherwise, they would never be dropped.
    pokemons.on_event_pushed(|_| async { Ok(()) });
}

#[tokio::test]
async fn panic_of_a_hook_counts_as_a_failure() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    pokemons
        .on_event_pushed(|pushed| async move { if pushed.event.version == 1 { panic!("at once") } else { Ok(()) } });
    let error = pokemons.push_event(pikachu_appeared()).await.unwrap_err();
    assert!(chain(&error).last().unwrap().contains("at once"));
    assert!(matches!(stored(error).failures()[0].step, AfterPushStep::OnEventPushed(_)));
    pokemons.push_event(pikachu_caught()).await.unwrap();

    // A hook that panics before it returns a future.
    fn panics(_: PushedEvent<Pokemon>) -> std::future::Ready<Result<(), HandlerError>> {
        panic!("even earlier")
    }
    pokemons.on_event_pushed(panics);
    let error = stored(pokemons.push_event(pikachu_leveled_up()).await.unwrap_err());
    assert_eq!(error.pushed::<Pokemon>().next().unwrap().event.version, 3);
}
