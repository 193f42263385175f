use std::fmt;
use std::future::IntoFuture;

use castore_core::future::BoxFuture;
use castore_core::storage::{
    BlockingPushTransaction, GroupedRawEvent, PushOptions, PushReceipt, PushTransaction, StorageError,
};

use super::group::AllPushed;
use super::group_element::{Element, PreparedElement, PreparedGroup, prepare};
use crate::event_store::PushEventError;

/// The events of a push in a transaction of the caller, and the function that assembles the result.
pub(super) struct Events<O> {
    pub(super) elements: Vec<Box<dyn Element>>,
    pub(super) assemble: fn(AllPushed) -> Option<O>,
    pub(super) options: PushOptions,
}

/// A function that pushes raw events in a transaction. The type of the transaction is erased: if it were a type
/// parameter of the request, a wrong transaction would cause a second compile error besides the one at `within`.
type Push<'t> = Box<
    dyn FnOnce(Vec<GroupedRawEvent>, PushOptions) -> BoxFuture<'t, Result<Vec<PushReceipt>, StorageError>> + Send + 't,
>;

impl<O> Events<O> {
    pub(super) fn within<T: PushTransaction<K>, K: 'static>(self, transaction: &mut T) -> PushWithin<'_, O> {
        let push: Push<'_> = Box::new(move |raw, options| Box::pin(transaction.push_in_transaction(raw, options)));
        PushWithin { events: self, push }
    }

    pub(super) fn within_blocking<T, K>(self, transaction: &T) -> Result<O, PushEventError>
    where
        T: BlockingPushTransaction<K>,
    {
        let (prepared, raw) = prepare_within(self.elements)?;
        let stored = if raw.is_empty() { Ok(Vec::new()) } else { transaction.push_in_transaction(raw, self.options) };
        pushed(prepared, stored, self.assemble)
    }
}

/// Prepares the events of a push in a transaction.
///
/// # Errors
/// The errors of [`prepare`], and [`PushEventError::HookInTransaction`] if a store has a hook. A hook must run after
/// its event is stored, but only the commit of the caller stores the event.
fn prepare_within(elements: Vec<Box<dyn Element>>) -> Result<PreparedGroup, PushEventError> {
    for element in &elements {
        element.refuse_hook()?;
    }
    prepare(elements)
}

/// Returns the result of a push in a transaction.
///
/// Snapshots of aggregates with replaced events are not deleted here, because the transaction may be rolled back. After
/// the commit, the rewrite count of the storage invalidates these snapshots, if the storage counts rewrites.
fn pushed<O>(
    prepared: Vec<Box<dyn PreparedElement>>,
    stored: Result<Vec<PushReceipt>, StorageError>,
    assemble: fn(AllPushed) -> Option<O>,
) -> Result<O, PushEventError> {
    let stored = match (stored, prepared.first()) {
        (Ok(stored), _) => stored,
        (Err(error), Some(first)) => return Err(first.error(error)),
        // This case does not occur: a push without events does not access the storage.
        (Err(_), None) => Vec::new(),
    };
    let stored = stored.into_iter().chain(std::iter::repeat(PushReceipt::default()));
    let pushed: Vec<_> =
        prepared.into_iter().zip(stored).map(|(element, stored)| element.stored(stored).into_pushed()).collect();
    // Each element returns the event type that `assemble` expects at the element's position.
    let Some(pushed) = assemble(AllPushed::new(pushed)) else {
        unreachable!("the events of a push come back in its order");
    };
    Ok(pushed)
}

/// A request that pushes an event or a group in a transaction of the caller when awaited, and returns `O`. See
/// [`PushEvent::within`](super::PushEvent::within) and [`PushEventGroup::within`](super::PushEventGroup::within).
#[must_use = "nothing is pushed before this is awaited"]
pub struct PushWithin<'t, O> {
    events: Events<O>,
    push: Push<'t>,
}

impl<'t, O: 'static> IntoFuture for PushWithin<'t, O> {
    type Output = Result<O, PushEventError>;
    type IntoFuture = BoxFuture<'t, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Events { elements, assemble, options } = self.events;
            let (prepared, raw) = prepare_within(elements)?;
            let stored = if raw.is_empty() { Ok(Vec::new()) } else { (self.push)(raw, options).await };
            pushed(prepared, stored, assemble)
        })
    }
}

impl<O> fmt::Debug for PushWithin<'_, O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PushWithin")
            .field("events", &self.events.elements.len())
            .field("options", &self.events.options)
            .finish_non_exhaustive()
    }
}
