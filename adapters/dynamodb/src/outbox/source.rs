use std::collections::HashMap;
use std::marker::PhantomData;

use async_trait::async_trait;
use castore_runtime::channel::{CarriesEvents, MessageChannel};
use castore_runtime::log::{LogEntry, Logged};
use castore_runtime::storage::StorageError;
use castore_runtime::{
    Aggregate, Carries, ConnectedEventStore, EventCarrying, EventDetail, EventSourced, EventStore, EventStoreError,
    Store,
};

use super::panics::catch_panic;
use super::{Failure, PublishedStore};

/// An event store whose events can be published on channel `C` from the stream of its table: one that the channel
/// carries, if its messages carry events. What can be connected to the channel can be published so, and nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store whose events can be published on message channel `{C}`",
    label = "not an event store",
    note = "pass an `EventStore<…>`, or one that is connected to a message channel"
)]
pub trait PublishedOn<C: MessageChannel> {
    #[doc(hidden)]
    fn __published(&self) -> PublishedStore<C>;
}

impl<S: EventSourced, C: Carries<S> + CarriesEvents> PublishedOn<C> for EventStore<S> {
    fn __published(&self) -> PublishedStore<C> {
        published(self)
    }
}

impl<S, C, D> PublishedOn<C> for ConnectedEventStore<S, D>
where
    S: EventSourced,
    C: Carries<S> + CarriesEvents,
    D: Clone + Send + Sync + 'static,
{
    fn __published(&self) -> PublishedStore<C> {
        published(self.event_store())
    }
}

fn published<S: EventSourced, C: Carries<S> + CarriesEvents>(event_store: &EventStore<S>) -> PublishedStore<C> {
    let source = <C::Kind as EventCarrying>::CARRIES_STATE.then(|| {
        let folding =
            Folding::<S, C> { event_store: event_store.clone(), aggregates: HashMap::new(), channel: PhantomData };
        Box::new(folding) as Box<dyn Source<C::Message>>
    });
    PublishedStore { event_store_id: S::EVENT_STORE_ID, source }
}

/// Makes the messages of one event store that carry the aggregate.
#[async_trait]
pub(crate) trait Source<M>: Send + Sync {
    async fn message(&mut self, entry: &LogEntry) -> Result<M, Failure>;

    fn forget(&mut self, aggregate_id: &str);

    fn forget_all(&mut self);
}

/// So many aggregates are kept between events, at most.
const KEPT: usize = 1_000;

/// From the aggregate as it was at the event before, if that is still here; else it is read, up to the event.
struct Folding<S: EventSourced, C> {
    event_store: EventStore<S>,
    aggregates: HashMap<String, Aggregate<S>>,
    channel: PhantomData<fn() -> C>,
}

impl<S: EventSourced, C> Folding<S, C> {
    /// Decodes the event and comes to its aggregate: both is code of the user.
    async fn aggregate_at(&mut self, entry: &LogEntry) -> Result<(EventDetail<S>, Aggregate<S>), Failure> {
        let permanent = |error: &dyn ToString| Failure::Permanent(error.to_string());
        let event = EventDetail::<S>::from_log(entry).map_err(|error| permanent(&error))?;
        let version = event.version;
        let before = self.aggregates.remove(&entry.event.aggregate_id);
        let before = before.filter(|before| before.version.checked_add(1) == Some(version));
        let aggregate = if version == 1 || before.is_some() {
            self.event_store.build_aggregate([&event], before).map_err(|error| permanent(&error))?
        } else {
            let read = self.event_store.get_aggregate(&event.aggregate_id).max_version(version).without_events();
            read.await.map_err(failure)?.filter(|aggregate| aggregate.version == version)
        };
        aggregate
            .map(|aggregate| (event, aggregate))
            .ok_or_else(|| Failure::Permanent("the event is not in the event store that was given".to_owned()))
    }
}

#[async_trait]
impl<S: EventSourced, C: Carries<S> + CarriesEvents> Source<C::Message> for Folding<S, C> {
    async fn message(&mut self, entry: &LogEntry) -> Result<C::Message, Failure> {
        let made = catch_panic(self.aggregate_at(entry)).await;
        let (event, aggregate) =
            made.unwrap_or_else(|panic| Err(Failure::Permanent(format!("the event or its reducer {panic}"))))?;
        if self.aggregates.len() >= KEPT {
            self.aggregates.clear();
        }
        self.aggregates.insert(entry.event.aggregate_id.clone(), aggregate.clone());
        Ok(<C::Kind as EventCarrying>::message_with(event, aggregate).into())
    }

    fn forget(&mut self, aggregate_id: &str) {
        self.aggregates.remove(aggregate_id);
    }

    fn forget_all(&mut self) {
        self.aggregates.clear();
    }
}

/// What is wrong with the aggregate is wrong for good; what is wrong with the storage is an outage.
fn failure(error: EventStoreError) -> Failure {
    let permanent = match &error {
        EventStoreError::Decode(_)
        | EventStoreError::Reduce(_)
        | EventStoreError::AggregateNotFound(_)
        | EventStoreError::InvalidAggregateId { .. } => true,
        EventStoreError::Storage { source, .. } => {
            matches!(**source, StorageError::Corrupt { .. } | StorageError::Unsupported { .. })
        }
        _ => false,
    };
    if permanent { Failure::Permanent(error.to_string()) } else { Failure::Transient(error.to_string()) }
}
