use std::error::Error;

/// A message that is ready to be sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchEntry<G, E> {
    /// The messages of a group are kept in order, where order is kept: the aggregate.
    pub group: G,
    /// The content, or the reason why the message cannot be sent.
    pub content: Result<E, Rejection>,
    /// The size in bytes, as the service counts.
    pub bytes: usize,
}

impl<G, E> BatchEntry<G, E> {
    /// An entry.
    pub fn new(group: G, content: Result<E, Rejection>, bytes: usize) -> Self {
        Self { group, content, bytes }
    }
}

/// Why a message cannot be published.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rejection {
    /// Whether every further attempt would be refused, too.
    pub permanent: bool,
    /// The reason.
    pub reason: Box<dyn Error + Send + Sync>,
}

impl Rejection {
    /// A refusal. `permanent` says whether every further attempt would be refused, too.
    pub fn new(permanent: bool, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { permanent, reason: reason.into() }
    }

    /// A permanent refusal.
    pub fn permanent(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { permanent: true, reason: reason.into() }
    }
}

/// The limits of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchLimits {
    /// The maximum number of entries in a batch: at least 1.
    pub entries: usize,
    /// The maximum size of all entries of a batch together, and so of a single entry.
    pub bytes: usize,
    /// The maximum number of batches that are in flight at the same time: at least 1.
    pub in_flight: usize,
    /// Whether the messages of a group are kept in order: then at most one of them is in flight at a time, and after one is
    /// refused the later ones are held back.
    pub ordered: bool,
}

impl BatchLimits {
    /// Limits without a maximum size, for messages whose order does not matter.
    pub const fn new(entries: usize, in_flight: usize) -> Self {
        Self { entries, bytes: usize::MAX, in_flight, ordered: false }
    }
}

/// The outcome of one entry.
#[derive(Debug)]
pub enum EntryOutcome {
    /// The service has stored it.
    Published,
    /// The service has not stored it. It may do so if the entry is sent again.
    Retryable(Box<dyn Error + Send + Sync>),
    /// The service refuses it permanently.
    Refused(Box<dyn Error + Send + Sync>),
}

/// The failure of a whole batch.
#[derive(Debug)]
pub enum BatchFailure {
    /// The service is unavailable, overloaded, or denies access: the failure does not concern the entries.
    Outage(Box<dyn Error + Send + Sync>),
    /// The service refuses the batch for its content. Its entries are then sent one by one, so that only those with a fault
    /// are refused.
    Malformed(Box<dyn Error + Send + Sync>),
}

/// A message is too large for the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message has {bytes} bytes, with its attributes, and the limit is {limit}")]
#[non_exhaustive]
pub struct EntryTooLargeError {
    /// The size of the message.
    pub bytes: usize,
    /// The limit of the service.
    pub limit: usize,
}
