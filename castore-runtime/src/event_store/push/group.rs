use std::any::Any;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use castore_core::event::{NewEvent, PreviousAggregate};
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::storage::{BlockingPushTransaction, PushOptions, PushReceipt, PushTransaction, StorageError};
use tracing::Instrument;

use super::finishing::Finishing;
use super::group_element::{Element, prepare};
use super::within::Events;
use super::{PushWithin, PushedEvent};
use crate::event_store::after_push::Publishers;
use crate::event_store::after_push::warn_of;
use crate::event_store::held_back::HeldBack;
use crate::event_store::{AfterCommit, EventStore, PushEventError, StoredButNotPublished, Unpublished};

/// An event to push in a group, with the event store that stores it. See
/// [`Store::group_event`](crate::event_store::Store::group_event).
#[must_use = "a grouped event is pushed with `push_event_group`"]
pub struct GroupedEvent<S: EventSourced, P = Unpublished> {
    pub(super) event_store: EventStore<S>,
    pub(super) publishers: Publishers<S>,
    pub(super) event: NewEvent<S>,
    publishing: PhantomData<fn() -> P>,
}

impl<S: EventSourced, P> GroupedEvent<S, P> {
    pub(in crate::event_store) fn new(
        event_store: EventStore<S>,
        publishers: Publishers<S>,
        event: NewEvent<S>,
    ) -> Self {
        Self { event_store, publishers, event, publishing: PhantomData }
    }

    /// Sets the previous aggregate: the aggregate before this event. See [`NewEvent::prev_aggregate`].
    pub fn prev_aggregate(mut self, prev_aggregate: impl PreviousAggregate<S>) -> Self {
        self.event.prev_aggregate = prev_aggregate.into_previous();
        self
    }
}

impl<S: EventSourced, P> Clone for GroupedEvent<S, P> {
    fn clone(&self) -> Self {
        Self::new(self.event_store.clone(), self.publishers.clone(), self.event.clone())
    }
}

impl<S: EventSourced, P> fmt::Debug for GroupedEvent<S, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GroupedEvent").field("event", &self.event).finish_non_exhaustive()
    }
}

/// Creates a request that pushes events of any number of stores together: either all of the events are stored, or none.
///
/// All stores must use the same storage. All events get the same timestamp: the timestamp that the caller has set on at
/// least one of them, or else the current time. After all events are stored, each event is processed in the order of
/// the group. First, the hook of its store is called. Then, for each channel to which the store is connected, the event
/// is published or the relays are woken.
///
/// A group is either a tuple of up to twelve events of any stores, or a `Vec` of events of one store. The push of a
/// tuple returns a tuple of [`PushedEvent`], and the push of a `Vec` returns a `Vec`.
///
/// If an event is not published on a channel with `order = "per_aggregate"`, later events of the same aggregate in the
/// group are not published on that channel either, as with `publish_messages`. The error lists these later events with
/// [`HeldBackError`](castore_core::channel::HeldBackError).
///
/// # Cancellation
/// If one of the stores is connected or has a hook, a push that has begun continues in the background, as described for
/// [`Store::push_event`](crate::event_store::Store::push_event). Otherwise, dropping the future leaves either all
/// events stored or none.
///
/// # Errors
/// When awaited: [`PushEventError`]. A conflict error identifies the event with the conflict. If the event stores use
/// different storages, the error is [`PushEventError::Storage`] with the source
/// [`GroupSpansStorages`](castore_core::storage::StorageError::GroupSpansStorages).
pub fn push_event_group<O, P, G: EventGroup<O, P>>(group: G) -> PushEventGroup<O, P> {
    PushEventGroup {
        elements: group.__elements().0,
        assemble: G::__assemble,
        options: PushOptions::default(),
        publishing: PhantomData,
    }
}

/// A tuple or a `Vec` of grouped events. The push of the group returns `O`, and `P` is the [way of
/// publishing](super::super::Publishing) of the events.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a group of events",
    label = "not a group of events",
    note = "pass a tuple of one to twelve grouped events, or a `Vec` of them: `push_event_group((pokemons.group_event(a), trainers.group_event(b)))`"
)]
pub trait EventGroup<O, P> {
    #[doc(hidden)]
    fn __elements(self) -> Elements;
    #[doc(hidden)]
    fn __assemble(pushed: AllPushed) -> Option<O>;
}

/// A grouped event. Its push returns `O`, and its [way of publishing](super::super::Publishing) is `P`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a grouped event",
    label = "not a grouped event",
    note = "wrap the event with its event store: `store.group_event(event)`"
)]
pub trait Grouped<O, P> {
    #[doc(hidden)]
    fn __element(self) -> AnyElement;
}

#[doc(hidden)]
pub struct Elements(Vec<Box<dyn Element>>);

#[doc(hidden)]
pub struct AnyElement(Box<dyn Element>);

#[doc(hidden)]
pub struct AllPushed(std::vec::IntoIter<Box<dyn Any + Send + Sync>>);

impl AllPushed {
    pub(super) fn new(pushed: Vec<Box<dyn Any + Send + Sync>>) -> Self {
        Self(pushed.into_iter())
    }

    /// Returns the next event. `O` must be the type of the event at this position in the group.
    fn take_next<O: Any>(&mut self) -> Option<O> {
        self.0.next()?.downcast().ok().map(|pushed| *pushed)
    }

    /// Returns the event of a group with a single event.
    pub(super) fn take<O: Any>(mut self) -> Option<O> {
        self.take_next()
    }
}

impl<S: EventSourced, P: 'static> Grouped<PushedEvent<S>, P> for GroupedEvent<S, P> {
    fn __element(self) -> AnyElement {
        AnyElement(Box::new(self))
    }
}

impl<O: Any, P, E: Grouped<O, P>> EventGroup<Vec<O>, P> for Vec<E> {
    fn __elements(self) -> Elements {
        Elements(self.into_iter().map(|event| event.__element().0).collect())
    }

    fn __assemble(mut pushed: AllPushed) -> Option<Vec<O>> {
        let mut all = Vec::with_capacity(pushed.0.len());
        while !pushed.0.as_slice().is_empty() {
            all.push(pushed.take_next()?);
        }
        Some(all)
    }
}

macro_rules! tuples {
    ($($($event:ident $pushed:ident $publishing:ident)+;)+) => {$(
        impl<$($pushed: Any, $publishing, $event: Grouped<$pushed, $publishing>),+>
            EventGroup<($($pushed,)+), ($($publishing,)+)> for ($($event,)+)
        {
            fn __elements(self) -> Elements {
                #[allow(non_snake_case)]
                let ($($event,)+) = self;
                Elements(vec![$($event.__element().0),+])
            }

            fn __assemble(mut all: AllPushed) -> Option<($($pushed,)+)> {
                Some(($(all.take_next::<$pushed>()?,)+))
            }
        }
    )+};
}

tuples! {
    E1 O1 P1;
    E1 O1 P1 E2 O2 P2;
    E1 O1 P1 E2 O2 P2 E3 O3 P3;
    E1 O1 P1 E2 O2 P2 E3 O3 P3 E4 O4 P4;
    E1 O1 P1 E2 O2 P2 E3 O3 P3 E4 O4 P4 E5 O5 P5;
    E1 O1 P1 E2 O2 P2 E3 O3 P3 E4 O4 P4 E5 O5 P5 E6 O6 P6;
    E1 O1 P1 E2 O2 P2 E3 O3 P3 E4 O4 P4 E5 O5 P5 E6 O6 P6 E7 O7 P7;
    E1 O1 P1 E2 O2 P2 E3 O3 P3 E4 O4 P4 E5 O5 P5 E6 O6 P6 E7 O7 P7 E8 O8 P8;
    E1 O1 P1 E2 O2 P2 E3 O3 P3 E4 O4 P4 E5 O5 P5 E6 O6 P6 E7 O7 P7 E8 O8 P8 E9 O9 P9;
    E1 O1 P1 E2 O2 P2 E3 O3 P3 E4 O4 P4 E5 O5 P5 E6 O6 P6 E7 O7 P7 E8 O8 P8 E9 O9 P9 E10 O10 P10;
    E1 O1 P1 E2 O2 P2 E3 O3 P3 E4 O4 P4 E5 O5 P5 E6 O6 P6 E7 O7 P7 E8 O8 P8 E9 O9 P9 E10 O10 P10 E11 O11 P11;
    E1 O1 P1 E2 O2 P2 E3 O3 P3 E4 O4 P4 E5 O5 P5 E6 O6 P6 E7 O7 P7 E8 O8 P8 E9 O9 P9 E10 O10 P10 E11 O11 P11 E12 O12 P12;
}

/// A request that pushes a group of events when awaited. See [`push_event_group`].
#[must_use = "nothing is pushed before this is awaited"]
pub struct PushEventGroup<O, P> {
    elements: Vec<Box<dyn Element>>,
    assemble: fn(AllPushed) -> Option<O>,
    options: PushOptions,
    publishing: PhantomData<fn() -> P>,
}

impl<O, P> PushEventGroup<O, P> {
    /// Sets whether to overwrite stored events of the same versions. Defaults to `false`: if one of the versions is
    /// already stored, the push fails with a conflict.
    pub fn force(mut self, force: bool) -> Self {
        self.options.force = force;
        self
    }

    /// Sets whether to store events whose versions do not directly follow the last version of their aggregate, for
    /// example in an import that skips events. Defaults to `false`: such a push fails with
    /// [`VersionGap`](PushEventError::VersionGap). A forced push may always leave a gap.
    pub fn allow_gap(mut self, allow_gap: bool) -> Self {
        self.options.allow_gap = allow_gap;
        self
    }

    /// Creates a request that pushes in a transaction of the caller. If the transaction is committed, all events are
    /// stored, together with everything else that the transaction writes. If it is rolled back, no event is stored.
    ///
    /// The transaction, for example a `tokio_postgres::Transaction`, must belong to the database in which the event
    /// stores store their events. Each event store must be a [`TransactionalStore`]: a store that is not connected to a
    /// channel, or whose events are published by a relay after the commit. For drivers that block, see
    /// [`within_blocking`](Self::within_blocking).
    ///
    /// After a conflict, the transaction can continue, because the push has not changed anything. Until the commit,
    /// only reads in the same transaction return the events.
    ///
    /// # Cancellation
    /// If the future is dropped, the transaction must be rolled back.
    ///
    /// # Errors
    /// When awaited: [`PushEventError`]. The error is [`HookInTransaction`](PushEventError::HookInTransaction) if one
    /// of the stores has a hook, and [`Storage`](PushEventError::Storage) if the storage rejects the events. The source
    /// of `Storage` may be, for example:
    /// * [`StorageError::OtherStorage`] if the transaction belongs to another database.
    /// * [`StorageError::TransactionSpansStorages`] if the transaction already contains events of a storage that is
    ///   isolated from this one, for example the schema of another tenant.
    /// * [`StorageError::TransactionLost`] if the transaction can only be rolled back.
    ///
    /// [`TransactionalStore`]: crate::event_store::TransactionalStore
    /// [`StorageError::OtherStorage`]: castore_core::storage::StorageError::OtherStorage
    /// [`StorageError::TransactionSpansStorages`]: castore_core::storage::StorageError::TransactionSpansStorages
    /// [`StorageError::TransactionLost`]: castore_core::storage::StorageError::TransactionLost
    pub fn within<T, K: 'static>(self, transaction: &mut T) -> PushWithin<'_, O>
    where
        P: AfterCommit,
        T: PushTransaction<K>,
    {
        self.into_events().within(transaction)
    }

    /// Pushes in a transaction of a blocking driver, such as a `rusqlite::Transaction` or an `SqliteTransaction`.
    /// See [`within`](Self::within).
    ///
    /// # Errors
    /// The errors of [`within`](Self::within), returned directly instead of when awaited.
    pub fn within_blocking<T, K>(self, transaction: &T) -> Result<O, PushEventError>
    where
        P: AfterCommit,
        T: BlockingPushTransaction<K>,
    {
        self.into_events().within_blocking(transaction)
    }

    fn into_events(self) -> Events<O> {
        Events { elements: self.elements, assemble: self.assemble, options: self.options }
    }

    async fn run(self) -> Result<O, PushEventError> {
        let pushed = push(self.elements, self.options).await?;
        // Each element returns the event type that `assemble` expects at the element's position in the group.
        let Some(answer) = (self.assemble)(AllPushed::new(pushed)) else {
            unreachable!("the events of a group come back in its order");
        };
        Ok(answer)
    }
}

async fn push(
    elements: Vec<Box<dyn Element>>,
    options: PushOptions,
) -> Result<Vec<Box<dyn Any + Send + Sync>>, PushEventError> {
    let span = tracing::debug_span!("push_event_group", events = elements.len(), force = options.force);
    let (prepared, raw) = span.in_scope(|| prepare(elements))?;
    let (Some(first), Some(adapter)) = (prepared.first(), raw.first().map(|event| event.adapter.clone())) else {
        return Ok(Vec::new());
    };
    let storage_id = adapter.storage_id();
    if let Some(index) = raw.iter().position(|event| event.adapter.storage_id() != storage_id) {
        let event_store_id = raw[index].event_store_id.to_owned();
        return Err(first.error(StorageError::GroupSpansStorages { index, event_store_id }));
    }
    for event in &raw {
        tracing::debug!(
            parent: &span,
            event_store = event.event_store_id,
            aggregate_id = event.event.aggregate_id,
            version = event.event.version,
            event_type = &*event.event.event_type,
            "pushing an event of a group"
        );
    }
    let pushing = adapter.push_event_group(raw, options).instrument(span);
    let stored = pushing.await.map_err(|error| first.error(error))?;
    // All events are stored, even if an adapter returns too few receipts.
    let stored = stored.into_iter().chain(std::iter::repeat(PushReceipt::default()));
    let stored: Vec<_> = prepared.into_iter().zip(stored).map(|(element, stored)| element.stored(stored)).collect();
    let mut failures = Vec::new();
    let mut held_back = HeldBack::default();
    for element in stored.iter().filter(|_| options.force) {
        element.forget_snapshots().await;
    }
    for element in &stored {
        failures.extend(element.after_push(options.force, &mut held_back).await);
    }
    warn_of(&failures);
    let pushed = stored.into_iter().map(|element| element.into_pushed()).collect();
    if failures.is_empty() { Ok(pushed) } else { Err(StoredButNotPublished::new(pushed, failures).into()) }
}

impl<O: 'static, P: 'static> IntoFuture for PushEventGroup<O, P> {
    type Output = Result<O, PushEventError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let stores: Vec<_> = self.elements.iter().filter_map(|element| element.background()).collect();
        let push: Self::IntoFuture = Box::pin(self.run());
        if stores.is_empty() { push } else { Box::pin(Finishing::new(push, stores)) }
    }
}

impl<O, P> fmt::Debug for PushEventGroup<O, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PushEventGroup")
            .field("events", &self.elements.len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
