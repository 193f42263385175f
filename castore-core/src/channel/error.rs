use std::error::Error;

use crate::error::error_chain;
use crate::event_store::EventStoreError;

/// A message channel was used before it was given an adapter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Adapter undefined for message {topology} {message_channel_id}")]
pub struct UndefinedMessageChannelAdapterError {
    /// The id of the channel.
    pub message_channel_id: &'static str,
    /// `queue` or `bus`.
    pub topology: &'static str,
}

/// Why messages were not published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The channel has no adapter.
    #[error(transparent)]
    UndefinedAdapter(#[from] UndefinedMessageChannelAdapterError),
    /// The aggregate for a state-carrying message could not be read.
    #[error("could not load the aggregate for the message")]
    LoadAggregate(#[source] EventStoreError),
    /// Some messages were refused; the others were published.
    #[error("{} of {published} messages were rejected, the first: {}", .rejected.len(), first(.rejected))]
    Rejected {
        /// How many messages there were in all.
        published: usize,
        /// Those that were refused.
        rejected: Vec<RejectedMessage>,
    },
    /// The messages, or the first of them that was not published, cannot be written as JSON.
    #[error("a message cannot be written as JSON")]
    Serialize(#[source] serde_json::Error),
    /// The broker could not be reached, or refused to talk. What was not published can be published again.
    #[error("the message broker failed")]
    Broker(#[source] Box<dyn Error + Send + Sync>),
    /// The adapter was shut down.
    #[error("the message channel adapter was shut down")]
    ShutDown,
}

fn first(rejected: &[RejectedMessage]) -> String {
    rejected.first().map_or_else(String::new, |rejected| error_chain(rejected))
}

impl From<EventStoreError> for PublishError {
    fn from(error: EventStoreError) -> Self {
        Self::LoadAggregate(error)
    }
}

/// A message that a broker refused.
#[derive(Debug, thiserror::Error)]
#[error("message {index} was rejected")]
#[non_exhaustive]
pub struct RejectedMessage {
    /// Its place among the messages that were published, from 0.
    pub index: usize,
    /// Whether it will be refused again, however often it is tried: too large, or malformed for the broker.
    pub permanent: bool,
    /// Why.
    #[source]
    pub reason: Box<dyn Error + Send + Sync>,
}

impl RejectedMessage {
    /// Creates the entry of a rejected message. `index` is its place among the messages of the call, from 0.
    pub fn new(index: usize, permanent: bool, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { index, permanent, reason: reason.into() }
    }
}
