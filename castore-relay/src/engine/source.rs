use async_trait::async_trait;
use castore_runtime::channel::{CarriesEvents, MessageChannel};
use castore_runtime::log::LogEntry;
use castore_runtime::storage::StorageId;
use castore_runtime::{Carries, ConnectedEventStore, EventCarrying, EventSourced, EventStore, Store};

use super::Failure;
use super::folding::Folding;

/// An event store whose stored events can be published on channel `C`.
///
/// The channel must carry the event store, and its messages must carry events: exactly the stores that can be connected
/// to the channel can be published on it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store whose events can be published on message channel `{C}`",
    label = "not an event store",
    note = "pass an `EventStore<…>`, or one that is connected to a message channel"
)]
pub trait PublishableOn<C: MessageChannel> {
    #[doc(hidden)]
    fn __publishable(&self) -> PublishableStore<C>;
}

impl<S: EventSourced, C: Carries<S> + CarriesEvents> PublishableOn<C> for EventStore<S> {
    fn __publishable(&self) -> PublishableStore<C> {
        publishable(self)
    }
}

impl<S, C, D> PublishableOn<C> for ConnectedEventStore<S, D>
where
    S: EventSourced,
    C: Carries<S> + CarriesEvents,
    D: Clone + Send + Sync + 'static,
{
    fn __publishable(&self) -> PublishableStore<C> {
        publishable(self.event_store())
    }
}

fn publishable<S: EventSourced, C: Carries<S> + CarriesEvents>(event_store: &EventStore<S>) -> PublishableStore<C> {
    let event_store = event_store.clone();
    let stored = event_store.clone();
    let storage = Box::new(move || Some(stored.event_storage_adapter()?.storage_id()));
    let make_source = <C::Kind as EventCarrying>::CARRIES_STATE.then(|| {
        let make = move |cached_aggregates| {
            Box::new(Folding::<S, C>::new(event_store, cached_aggregates)) as Box<dyn Source<C::Message>>
        };
        Box::new(make) as MakeSource<C::Message>
    });
    PublishableStore { event_store_id: S::EVENT_STORE_ID, storage, make_source }
}

/// Creates the source of an event store, which caches that many aggregates.
pub type MakeSource<M> = Box<dyn FnOnce(usize) -> Box<dyn Source<M>> + Send>;

/// An event store whose events are published on a channel. Its type was checked and is erased.
pub struct PublishableStore<C: MessageChannel> {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The storage of the event store, if it has one at the moment.
    pub storage: Box<dyn Fn() -> Option<StorageId> + Send + Sync>,
    /// Makes the messages, if they carry the aggregate.
    pub make_source: Option<MakeSource<C::Message>>,
}

/// Makes the messages of one event store, on a channel whose messages carry the aggregate.
#[async_trait]
pub trait Source<M>: Send + Sync {
    /// Makes the message about an event. Returns `None` if the aggregate must be loaded first.
    fn make(&mut self, entry: &LogEntry) -> Option<Result<M, Failure>>;

    /// Loads the aggregate and makes the message about an event.
    ///
    /// # Errors
    /// The message cannot be made.
    async fn load(&mut self, entry: &LogEntry) -> Result<M, Failure>;

    /// Drops the cached state of an aggregate.
    fn forget(&mut self, aggregate_id: &str);

    /// Drops all cached aggregates.
    fn forget_all(&mut self);
}
