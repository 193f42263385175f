//! The state of an aggregate, together with its id and version.

mod fold;
mod serde_flat;

use std::fmt;
use std::ops::{Deref, DerefMut};

#[doc(hidden)]
pub use fold::{Fold, fold};

use crate::event::{EventOrigin, NewEvent};
use crate::event_sourced::EventSourced;

/// An aggregate: its id, its version, and its state at that version.
///
/// `Aggregate` dereferences to the state. The JSON of an aggregate is flat, as in the original TypeScript package:
/// `{"aggregateId", "version", …state}`. Therefore the state must serialize as an object. Use a struct with named
/// fields, an internally tagged enum, or an enum whose variants all have content. The keys `aggregateId` and `version`
/// are reserved: serialization fails if the state contains one of them.
pub struct Aggregate<S: EventSourced> {
    /// The id of the aggregate.
    pub aggregate_id: S::AggregateId,
    /// The version of the last event that was applied.
    pub version: u64,
    /// The state after that event.
    pub state: S,
}

impl<S: EventSourced> Aggregate<S> {
    /// Returns a new event for this aggregate, ready to be pushed. The event has the next version, and contains a copy
    /// of this aggregate as `prev_aggregate`, so that the push can return the next aggregate without another read. The
    /// timestamp of the event is the time of the push.
    ///
    /// An aggregate at version `u64::MAX` has no next version. In this case, the new event has the version of the
    /// aggregate, so its push is rejected.
    pub fn next_event(&self, payload: S::Event) -> NewEvent<S> {
        NewEvent {
            aggregate_id: self.aggregate_id.clone(),
            version: self.version.saturating_add(1),
            timestamp: None,
            payload,
            metadata: None,
            prev_aggregate: Some(self.clone()),
            context: None,
            __stored: None,
            __origin: EventOrigin::NEW,
        }
    }
}

impl<S: EventSourced> Deref for Aggregate<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.state
    }
}

impl<S: EventSourced> DerefMut for Aggregate<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.state
    }
}

impl<S: EventSourced> Clone for Aggregate<S> {
    fn clone(&self) -> Self {
        Self { aggregate_id: self.aggregate_id.clone(), version: self.version, state: self.state.clone() }
    }
}

impl<S: EventSourced + PartialEq> PartialEq for Aggregate<S> {
    fn eq(&self, other: &Self) -> bool {
        self.aggregate_id == other.aggregate_id && self.version == other.version && self.state == other.state
    }
}

impl<S: EventSourced + Eq> Eq for Aggregate<S> {}

impl<S: EventSourced + fmt::Debug> fmt::Debug for Aggregate<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Aggregate")
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .field("version", &self.version)
            .field("state", &self.state)
            .finish()
    }
}
