//! Tests of pushes whose futures are dropped: events that are stored are still published.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use async_trait::async_trait;
use castore::channel::{AdapterFor, MessageChannelAdapter, PerAggregate, PublishMessageOptions, Topology};
use castore::message::ChannelMessage;
use castore::prelude::*;
use castore::storage::{
    DelegatingStorageAdapter, EventStorageAdapter, GroupedRawEvent, PushOptions, PushReceipt, RawEvent, StorageError,
};

use crate::golden::domain::*;
use crate::support::Log;

message_channel! {
    type Notifications = NotificationMessageBus<Pokemon, Trainer>;
}

/// A storage that yields before and after it stores.
#[derive(Debug, Clone)]
struct YieldingStorage(InMemoryEventStorageAdapter);

#[async_trait]
impl DelegatingStorageAdapter for YieldingStorage {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.0
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        tokio::task::yield_now().await;
        let receipt = self.0.push_event(event_store_id, event, options).await;
        tokio::task::yield_now().await;
        receipt
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        tokio::task::yield_now().await;
        let receipts = self.0.push_event_group(group, options).await;
        tokio::task::yield_now().await;
        receipts
    }
}

/// A channel adapter that yields before and after it publishes.
struct YieldingChannel<M>(Log<M>);

#[async_trait]
impl<M: ChannelMessage> MessageChannelAdapter<M> for YieldingChannel<M> {
    async fn publish_message(&self, message: M, _: PublishMessageOptions) -> Result<(), PublishError> {
        tokio::task::yield_now().await;
        self.0.add(message);
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn publish_messages(&self, messages: Vec<M>, _: PublishMessageOptions) -> Result<(), PublishError> {
        for message in messages {
            self.publish_message(message, PublishMessageOptions::default()).await?;
        }
        Ok(())
    }
}

impl<M, T: Topology> AdapterFor<T> for YieldingChannel<M> {
    type Order = PerAggregate;
}
impl<M> fmt::Debug for YieldingChannel<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("YieldingChannel").finish_non_exhaustive()
    }
}

/// Polls a future the given number of times, and drops it. Returns whether it had completed.
fn poll_and_drop<F: IntoFuture<IntoFuture: Unpin>>(future: F, polls: usize) -> bool {
    let mut future = future.into_future();
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).any(|_| std::pin::Pin::new(&mut future).poll(&mut context).is_ready())
}

struct Stores {
    pokemons: castore::store::ConnectedEventStore<Pokemon, Notifications>,
    trainers: castore::store::ConnectedEventStore<Trainer, Notifications>,
    published: Log<NotificationsMessage>,
    hooks: Arc<AtomicUsize>,
}

impl Stores {
    fn new() -> Self {
        let storage = YieldingStorage(InMemoryEventStorageAdapter::new());
        let (channel, published) = (Notifications::new(), Log::new());
        channel.set_adapter(YieldingChannel(published.clone()));
        let pokemons = EventStore::<Pokemon>::new(storage.clone());
        let hooks = Arc::new(AtomicUsize::new(0));
        let counted = hooks.clone();
        pokemons.on_event_pushed(move |_| {
            let counted = counted.clone();
            async move {
                tokio::task::yield_now().await;
                counted.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        });
        let trainers = EventStore::<Trainer>::new(storage).connect(channel.clone());
        Self { pokemons: pokemons.connect(channel), trainers, published, hooks }
    }
}

#[tokio::test]
async fn dropped_push_is_published_if_it_has_begun() {
    for polls in 0.. {
        let stores = Stores::new();
        let ended = poll_and_drop(stores.pokemons.push_event(pikachu_appeared()), polls);
        assert_eq!(
            stores.pokemons.event_store().background_pushes(),
            usize::from(!ended && polls > 0),
            "{polls} polls"
        );
        stores.pokemons.shutdown().await;
        assert_eq!(stores.pokemons.event_store().background_pushes(), 0);
        let stored = stores.pokemons.get_events(PIKACHU).await.unwrap().len();
        let counts = (stored, stores.published.take().len(), stores.hooks.load(Ordering::SeqCst));
        assert_eq!(counts, if polls == 0 { (0, 0, 0) } else { (1, 1, 1) }, "{polls} polls");
        if ended {
            assert!(polls > 4, "the adapters yield");
            break;
        }
    }
}

#[tokio::test]
async fn dropped_group_is_published_if_it_has_begun() {
    for polls in 0.. {
        let stores = Stores::new();
        let group = (
            stores.pokemons.group_event(NewEvent { timestamp: None, ..pikachu_appeared() }),
            stores.trainers.group_event(NewEvent { timestamp: None, ..ash_started() }),
        );
        let ended = poll_and_drop(push_event_group(group), polls);
        // The push belongs to both stores, so the shutdown of either store waits for it.
        if polls % 2 == 0 {
            stores.pokemons.shutdown().await
        } else {
            stores.trainers.shutdown().await
        }
        let stored = stores.pokemons.get_events(PIKACHU).await.unwrap().len()
            + stores.trainers.get_events(ASH).await.unwrap().len();
        let counts = (stored, stores.published.take().len(), stores.hooks.load(Ordering::SeqCst));
        assert_eq!(counts, if polls == 0 { (0, 0, 0) } else { (2, 2, 1) }, "{polls} polls");
        if ended {
            assert!(polls > 6, "the adapters yield");
            break;
        }
    }
}

#[tokio::test]
async fn dropped_push_completes_the_hook_of_a_store_without_a_channel() {
    let stores = Stores::new();
    let pokemons = stores.pokemons.event_store();
    assert!(!poll_and_drop(pokemons.push_event(pikachu_appeared()), 3));
    pokemons.shutdown().await;
    assert_eq!((stores.hooks.load(Ordering::SeqCst), stores.published.take().len()), (1, 0));
}

#[tokio::test]
async fn push_that_nothing_follows_is_dropped() {
    let pokemons = EventStore::<Pokemon>::new(YieldingStorage(InMemoryEventStorageAdapter::new()));
    assert!(!poll_and_drop(pokemons.push_event(pikachu_appeared()), 1));
    assert_eq!(pokemons.background_pushes(), 0);
    assert!(pokemons.get_events(PIKACHU).await.unwrap().is_empty());
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_push_that_is_awaited() {
    let stores = Stores::new();
    let mut push = stores.pokemons.push_event(pikachu_appeared()).into_future();
    assert!(push.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    stores.pokemons.shutdown().await;
    push.await.unwrap();
    assert_eq!(stores.published.take().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn push_beyond_a_timeout_is_published() {
    let stores = Stores::new();
    stores.pokemons.event_store().on_event_pushed(|_| async {
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
        Ok(())
    });
    let push = stores.pokemons.push_event(pikachu_appeared()).into_future();
    assert!(tokio::time::timeout(std::time::Duration::from_secs(1), push).await.is_err());
    stores.pokemons.shutdown().await;
    assert_eq!(stores.published.take().len(), 1);
}
