//! The state of an aggregate, together with its id and version.

mod fold;
mod serde_flat;

use std::fmt;
use std::ops::{Deref, DerefMut};

#[doc(hidden)]
pub use fold::{Fold, fold};

use crate::event::NewEvent;
use crate::event_sourced::EventSourced;

/// An aggregate: its state after its last event, with its id and version.
///
/// It derefs to the state. Its JSON is flat, as in Castore's original package: `{"aggregateId", "version", …state}`.
/// Therefore a state must serialize as an object: a struct, or an enum that is internally tagged or whose variants all
/// have content.
pub struct Aggregate<S: EventSourced> {
    /// The id of the aggregate.
    pub aggregate_id: S::AggregateId,
    /// The version of the last event that was applied.
    pub version: u64,
    /// The state after that event.
    pub state: S,
}

impl<S: EventSourced> Aggregate<S> {
    /// Returns the next event of this aggregate, to be pushed now. It has the next version and this aggregate as the
    /// previous one, so the push returns the next aggregate without another read.
    ///
    /// After version `u64::MAX` there is no next version: the event keeps the version, and its push is rejected.
    pub fn next_event(&self, payload: S::Event) -> NewEvent<S> {
        NewEvent {
            aggregate_id: self.aggregate_id.clone(),
            version: self.version.saturating_add(1),
            timestamp: None,
            payload,
            metadata: None,
            prev_aggregate: Some(self.clone()),
            __stored: None,
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
