use std::any::Any;
use std::fmt;
use std::future::IntoFuture;

use castore_core::event::{NewEvent, PreviousAggregate};
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::storage::{PushOptions, PushReceipt, StorageError};
use castore_core::time::Timestamp;
use tracing::Instrument;

use super::PushedEvent;
use super::finishing::Finishing;
use super::group_element::{Element, PreparedElement};
use crate::event_store::after_push::Publishers;
use crate::event_store::after_push::warn_of;
use crate::event_store::held_back::HeldBack;
use crate::event_store::{EventStore, PushEventError, StoredButNotPublished};

/// An event of a group. See [`Store::group_event`](crate::event_store::Store::group_event).
#[must_use = "a grouped event is pushed with `push_event_group`"]
#[derive(Clone)]
pub struct GroupedEvent<S: EventSourced> {
    pub(super) event_store: EventStore<S>,
    pub(super) publishers: Publishers<S>,
    pub(super) event: NewEvent<S>,
}

impl<S: EventSourced> GroupedEvent<S> {
    pub(in crate::event_store) fn new(
        event_store: EventStore<S>,
        publishers: Publishers<S>,
        event: NewEvent<S>,
    ) -> Self {
        Self { event_store, publishers, event }
    }

    /// Sets the aggregate before the event. See [`NewEvent::prev_aggregate`].
    pub fn prev_aggregate(mut self, prev_aggregate: impl PreviousAggregate<S>) -> Self {
        self.event.prev_aggregate = prev_aggregate.into_previous();
        self
    }
}

impl<S: EventSourced> fmt::Debug for GroupedEvent<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GroupedEvent").field("event", &self.event).finish_non_exhaustive()
    }
}

/// Pushes events of any number of stores together: all of them are stored, or none.
///
/// The stores must be in one storage. All events get the same timestamp: the one that was set on any of them, or the
/// current time. After the events are stored, the hook of each event's store is called and the event is published on
/// the channels of its store, in the order of the group.
///
/// A group is either a tuple of up to twelve events of any stores, whose push returns a tuple of [`PushedEvent`], or a
/// `Vec` of events of one store, whose push returns a `Vec`.
///
/// If an event is not published on a channel with `order = "per_aggregate"`, the later events of its aggregate in the group
/// are not published there either, as with `publish_messages`. The error lists them with
/// [`HeldBackError`](castore_core::channel::HeldBackError).
///
/// # Cancellation
/// The same as for [`Store::push_event`](crate::event_store::Store::push_event), if one of the stores is connected or
/// has a hook.
///
/// # Errors
/// When awaited: [`PushEventError`]. A conflict error contains the event with the conflict.
pub fn push_event_group<O, G: EventGroup<O>>(group: G) -> PushEventGroup<O> {
    PushEventGroup { elements: group.__elements().0, assemble: G::__assemble, options: PushOptions::default() }
}

/// A tuple or a `Vec` of grouped events, whose push returns `O`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a group of events",
    label = "not a group of events",
    note = "pass a tuple of one to twelve grouped events, or a `Vec` of them: `push_event_group((pokemons.group_event(a), trainers.group_event(b)))`"
)]
pub trait EventGroup<O> {
    #[doc(hidden)]
    fn __elements(self) -> Elements;
    #[doc(hidden)]
    fn __assemble(pushed: AllPushed) -> Option<O>;
}

/// A grouped event, whose push returns `P`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a grouped event",
    label = "not a grouped event",
    note = "wrap the event with its event store: `store.group_event(event)`"
)]
pub trait Grouped<P> {
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
    /// Returns the next event. `P` must be the type of the event at this position in the group.
    fn take<P: Any>(&mut self) -> Option<P> {
        self.0.next()?.downcast().ok().map(|pushed| *pushed)
    }
}

impl<S: EventSourced> Grouped<PushedEvent<S>> for GroupedEvent<S> {
    fn __element(self) -> AnyElement {
        AnyElement(Box::new(self))
    }
}

impl<P: Any, E: Grouped<P>> EventGroup<Vec<P>> for Vec<E> {
    fn __elements(self) -> Elements {
        Elements(self.into_iter().map(|event| event.__element().0).collect())
    }

    fn __assemble(mut pushed: AllPushed) -> Option<Vec<P>> {
        let mut all = Vec::with_capacity(pushed.0.len());
        while !pushed.0.as_slice().is_empty() {
            all.push(pushed.take()?);
        }
        Some(all)
    }
}

macro_rules! tuples {
    ($($($event:ident $pushed:ident)+;)+) => {$(
        impl<$($pushed: Any, $event: Grouped<$pushed>),+> EventGroup<($($pushed,)+)> for ($($event,)+) {
            fn __elements(self) -> Elements {
                #[allow(non_snake_case)]
                let ($($event,)+) = self;
                Elements(vec![$($event.__element().0),+])
            }

            fn __assemble(mut all: AllPushed) -> Option<($($pushed,)+)> {
                Some(($(all.take::<$pushed>()?,)+))
            }
        }
    )+};
}

tuples! {
    A P;
    A P B Q;
    A P B Q C R;
    A P B Q C R D T;
    A P B Q C R D T E U;
    A P B Q C R D T E U F V;
    A P B Q C R D T E U F V G W;
    A P B Q C R D T E U F V G W H X;
    A P B Q C R D T E U F V G W H X I Y;
    A P B Q C R D T E U F V G W H X I Y J Z;
    A P B Q C R D T E U F V G W H X I Y J Z K A1;
    A P B Q C R D T E U F V G W H X I Y J Z K A1 L B1;
}

/// A request that pushes a group of events when awaited. See [`push_event_group`].
#[must_use = "nothing is pushed before this is awaited"]
pub struct PushEventGroup<O> {
    elements: Vec<Box<dyn Element>>,
    assemble: fn(AllPushed) -> Option<O>,
    options: PushOptions,
}

impl<O> PushEventGroup<O> {
    /// Sets whether to overwrite stored events of the same versions. Defaults to `false`: the push then fails with a
    /// conflict.
    pub fn force(mut self, force: bool) -> Self {
        self.options.force = force;
        self
    }

    /// Sets whether to store events whose version is not the one after the last version of their aggregate, for example
    /// in an import that skips events. Defaults to `false`: such a push fails with
    /// [`VersionGap`](PushEventError::VersionGap). A forced push may always leave a gap.
    pub fn allow_gap(mut self, allow_gap: bool) -> Self {
        self.options.allow_gap = allow_gap;
        self
    }

    async fn run(self) -> Result<O, PushEventError> {
        let pushed = push(self.elements, self.options).await?;
        // Each element returns the type that belongs to its position in the group.
        let Some(answer) = (self.assemble)(AllPushed(pushed.into_iter())) else {
            unreachable!("the events of a group come back in its order");
        };
        Ok(answer)
    }
}

async fn push(
    elements: Vec<Box<dyn Element>>,
    options: PushOptions,
) -> Result<Vec<Box<dyn Any + Send + Sync>>, PushEventError> {
    let Some(first) = elements.first() else {
        return Ok(Vec::new());
    };
    // All elements are checked before anything is written.
    let timestamp = match common_timestamp(&elements)? {
        Some(timestamp) => timestamp,
        None => first.now(),
    };
    let mut prepared: Vec<Box<dyn PreparedElement>> = Vec::with_capacity(elements.len());
    let mut raw = Vec::with_capacity(elements.len());
    for element in elements {
        let adapter = element.adapter()?;
        let (element, event) = element.prepare(adapter, timestamp)?;
        prepared.push(element);
        raw.push(event);
    }
    let (Some(first), Some(adapter)) = (prepared.first(), raw.first().map(|event| event.adapter.clone())) else {
        return Ok(Vec::new());
    };
    let storage_id = adapter.storage_id();
    if let Some(index) = raw.iter().position(|event| event.adapter.storage_id() != storage_id) {
        let event_store_id = raw[index].event_store_id.to_owned();
        return Err(first.error(StorageError::GroupSpansStorages { index, event_store_id }));
    }
    let span = tracing::debug_span!("push_event_group", events = raw.len(), force = options.force);
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

/// Returns the timestamp that the caller has set on events of a group. Rejects different timestamps. The original
/// Castore intends to do this, but accepts them.
fn common_timestamp(elements: &[Box<dyn Element>]) -> Result<Option<Timestamp>, PushEventError> {
    let mut given = elements.iter().enumerate().filter_map(|(at, element)| Some((at, element.timestamp()?)));
    let Some((first, timestamp)) = given.next() else {
        return Ok(None);
    };
    match given.find(|(_, other)| *other != timestamp) {
        Some((second, _)) => Err(PushEventError::DifferentTimestamps { first, second }),
        None => Ok(Some(timestamp)),
    }
}

impl<O: 'static> IntoFuture for PushEventGroup<O> {
    type Output = Result<O, PushEventError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let stores: Vec<_> = self.elements.iter().filter_map(|element| element.background()).collect();
        let push: Self::IntoFuture = Box::pin(self.run());
        if stores.is_empty() { push } else { Box::pin(Finishing::new(push, stores)) }
    }
}

impl<O> fmt::Debug for PushEventGroup<O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PushEventGroup")
            .field("events", &self.elements.len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
