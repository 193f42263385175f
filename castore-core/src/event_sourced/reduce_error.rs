use std::borrow::Cow;
use std::error::Error;

use crate::event::{EventDetail, stored_name};
use crate::event_sourced::EventSourced;

/// The error for an event that cannot happen to an aggregate in its current state.
#[derive(Debug, thiserror::Error)]
#[error("event {event_type} cannot be version {version} of {event_store_id} aggregate {aggregate_id}")]
pub struct ReduceError {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version of the event.
    pub version: u64,
    /// The name of the event type.
    pub event_type: Cow<'static, str>,
    /// The reason.
    #[source]
    pub reason: Box<dyn Error + Send + Sync>,
}

impl ReduceError {
    /// Creates the error with a custom reason, which is a text or an error.
    pub fn new<S: EventSourced>(event: &EventDetail<S>, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            event_store_id: S::EVENT_STORE_ID,
            aggregate_id: event.aggregate_id.to_string(),
            version: event.version,
            event_type: stored_name(&event.payload),
            reason: reason.into(),
        }
    }

    pub(crate) fn unexpected<S: EventSourced>(event: &EventDetail<S>) -> Self {
        Self::new(event, "the reducer does not expect this event in this state")
    }
}
