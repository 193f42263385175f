use async_trait::async_trait;
use castore_runtime::channel::{CarriesEvents, MessageChannel};
use castore_runtime::log::LogEntry;
use castore_runtime::storage::StorageId;
use castore_runtime::{Carries, ConnectedEventStore, EventCarrying, EventSourced, EventStore, Store};

use super::Failure;
use super::folding::Folding;

/// An event store whose events a relay can publish on channel `C`: one that the channel carries, if its messages carry
/// events. What can be connected to the channel can be relayed on it, and nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store that a relay can publish on message channel `{C}`",
    label = "not an event store",
    note = "pass an `EventStore<…>`, or one that is connected to a message channel"
)]
pub trait RelayedOn<C: MessageChannel> {
    #[doc(hidden)]
    fn __relayed(&self) -> RelayedStore<C>;
}

impl<S: EventSourced, C: Carries<S> + CarriesEvents> RelayedOn<C> for EventStore<S> {
    fn __relayed(&self) -> RelayedStore<C> {
        relayed(self)
    }
}

impl<S, C, D> RelayedOn<C> for ConnectedEventStore<S, D>
where
    S: EventSourced,
    C: Carries<S> + CarriesEvents,
    D: Clone + Send + Sync + 'static,
{
    fn __relayed(&self) -> RelayedStore<C> {
        relayed(self.event_store())
    }
}

fn relayed<S: EventSourced, C: Carries<S> + CarriesEvents>(event_store: &EventStore<S>) -> RelayedStore<C> {
    let event_store = event_store.clone();
    let kept_in = event_store.clone();
    let storage = Box::new(move || Some(kept_in.event_storage_adapter()?.storage_id()));
    let fold = <C::Kind as EventCarrying>::CARRIES_STATE.then(|| {
        let fold = move |cached_aggregates| {
            Box::new(Folding::<S, C>::new(event_store, cached_aggregates)) as Box<dyn Source<C::Message>>
        };
        Box::new(fold) as MakeSource<C::Message>
    });
    RelayedStore { event_store_id: S::EVENT_STORE_ID, storage, fold }
}

type MakeSource<M> = Box<dyn FnOnce(usize) -> Box<dyn Source<M>> + Send>;

/// A store whose events are published on a channel. Its type was checked, and is erased.
#[doc(hidden)]
pub struct RelayedStore<C: MessageChannel> {
    pub(crate) event_store_id: &'static str,
    /// The storage it is kept in, if it has one now.
    pub(crate) storage: Box<dyn Fn() -> Option<StorageId> + Send + Sync>,
    /// How messages that carry the aggregate are made, if they do.
    pub(crate) fold: Option<MakeSource<C::Message>>,
}

/// Makes the messages of one event store that carry the aggregate.
#[async_trait]
pub(crate) trait Source<M>: Send + Sync {
    /// The message about an event, if nothing needs to be read for it.
    fn make(&mut self, entry: &LogEntry) -> Option<Result<M, Failure>>;

    /// The message about an event, from the event store.
    async fn load(&mut self, entry: &LogEntry) -> Result<M, Failure>;

    /// Lets go of an aggregate.
    fn forget(&mut self, aggregate_id: &str);

    /// Lets go of all aggregates.
    fn forget_all(&mut self);
}
