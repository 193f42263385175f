use std::error::Error;

use crate::error::error_chain;
use crate::event_store::EventStoreError;

/// The error for a message channel without an adapter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
// The error text is the same as in the original TypeScript package.
#[error("Adapter undefined for message {topology} {message_channel_id}")]
pub struct UndefinedMessageChannelAdapterError {
    /// The id of the channel.
    pub message_channel_id: &'static str,
    /// The topology of the channel: `queue` or `bus`.
    pub topology: &'static str,
}

/// The error of a request that publishes messages.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The channel has no adapter.
    #[error(transparent)]
    UndefinedAdapter(#[from] UndefinedMessageChannelAdapterError),
    /// The aggregate for a state-carrying message could not be read.
    #[error("could not load the aggregate for the message")]
    LoadAggregate(#[source] EventStoreError),
    /// Some messages were rejected or held back, or have an unknown outcome. All other messages were published.
    #[error("publishing failed for {} of {total} messages; the first error: {}", .rejected.len(), first(.rejected))]
    Rejected {
        /// The number of messages in the call.
        total: usize,
        /// The messages that were rejected or held back, or whose outcome is unknown.
        rejected: Vec<RejectedMessage>,
    },
    /// A message could not be serialized to JSON. This message is the only message of the call, or the first message
    /// that was not published.
    #[error("a message could not be serialized to JSON")]
    Serialize(#[source] serde_json::Error),
    /// The broker was unavailable, or rejected the connection. This error does not say which messages of the call were
    /// published. All of them can be published again.
    #[error("the message broker is unavailable or rejected the connection")]
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

/// A message in [`PublishError::Rejected`]: it was rejected or held back, or its outcome is unknown. The field `reason`
/// says which of these is the case.
#[derive(Debug, thiserror::Error)]
#[error("publishing message {index} failed")]
#[non_exhaustive]
pub struct RejectedMessage {
    /// The index of the message in the call, from 0.
    pub index: usize,
    /// Whether every further attempt would also be rejected, for example because the message is malformed or too large
    /// for the broker.
    pub permanent: bool,
    /// The reason.
    #[source]
    pub reason: Box<dyn Error + Send + Sync>,
}

impl RejectedMessage {
    /// Creates an entry for [`PublishError::Rejected`]. `index` is the index of the message in the call, from 0.
    pub fn new(index: usize, permanent: bool, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { index, permanent, reason: reason.into() }
    }
}
