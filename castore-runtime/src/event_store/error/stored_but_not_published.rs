use std::any::Any;
use std::error::Error;
use std::fmt;

use castore_core::channel::PublishError;
use castore_core::event_sourced::EventSourced;

use crate::event_store::PushedEvent;

/// The error of a push that stored all of its events, but whose hook or publishing failed for at least one of them.
///
/// Do not push the events again, because their versions are already stored. Instead, publish the events that are listed
/// in [`failures`](Self::failures).
pub struct StoredButNotPublished(Box<Inner>);

struct Inner {
    pushed: Vec<Box<dyn Any + Send + Sync>>,
    failures: Vec<AfterPushFailure>,
}

impl StoredButNotPublished {
    pub(in crate::event_store) fn new(
        pushed: Vec<Box<dyn Any + Send + Sync>>,
        failures: Vec<AfterPushFailure>,
    ) -> Self {
        Self(Box::new(Inner { pushed, failures }))
    }

    /// Returns the stored events of store `S`. After the push of a group, these are all events of the group that belong
    /// to `S`, in the order of the group.
    pub fn pushed<S: EventSourced>(&self) -> impl Iterator<Item = &PushedEvent<S>> {
        self.0.pushed.iter().filter_map(|pushed| pushed.downcast_ref())
    }

    /// Returns the failures, in the order in which they occurred.
    pub fn failures(&self) -> &[AfterPushFailure] {
        &self.0.failures
    }
}

impl fmt::Debug for StoredButNotPublished {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StoredButNotPublished").field("failures", &self.0.failures).finish_non_exhaustive()
    }
}

impl fmt::Display for StoredButNotPublished {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.failures.len() {
            0 | 1 => formatter.write_str("an event was stored, but not published"),
            failures => write!(formatter, "events were stored, but not published ({failures} failures)"),
        }
    }
}

impl Error for StoredButNotPublished {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.failures.first().map(|failure| failure as _)
    }
}

/// A failure that occurred after an event was stored.
#[derive(Debug, thiserror::Error)]
#[error("version {version} of {event_store_id} aggregate {aggregate_id} was not published")]
#[non_exhaustive]
pub struct AfterPushFailure {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version of the stored event.
    pub version: u64,
    /// The step that failed, with its error.
    #[source]
    pub step: AfterPushStep,
}

/// The step that failed after an event was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AfterPushStep {
    /// The hook that was set with `on_event_pushed`. The push did not publish the event on any channel.
    #[error("the `on_event_pushed` hook failed")]
    OnEventPushed(#[source] Box<dyn Error + Send + Sync>),
    /// The publishing of the event on a channel.
    #[error("publishing on message channel {message_channel_id} failed")]
    Publish {
        /// The id of the channel.
        message_channel_id: &'static str,
        /// The error of the channel.
        #[source]
        error: PublishError,
    },
}
