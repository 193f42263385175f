use std::error::Error;

/// An entry of a batch: a message, or the reason why the message cannot be sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchEntry<G, E> {
    /// The group of the message, usually its aggregate. Ordered services keep the order within each group.
    pub group: G,
    /// The content, or the reason why the message cannot be sent.
    pub content: Result<E, Rejection>,
    /// The size in bytes, as the service counts it.
    pub bytes: usize,
}

impl<G, E> BatchEntry<G, E> {
    /// Creates an entry.
    pub fn new(group: G, content: Result<E, Rejection>, bytes: usize) -> Self {
        Self { group, content, bytes }
    }
}

/// The reason why a message cannot be published.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rejection {
    /// Whether every further attempt would be rejected, too.
    pub permanent: bool,
    /// The reason.
    pub reason: Box<dyn Error + Send + Sync>,
}

impl Rejection {
    /// Creates a rejection. `permanent` specifies whether every further attempt would be rejected, too.
    pub fn new(permanent: bool, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { permanent, reason: reason.into() }
    }

    /// Creates a permanent rejection.
    pub fn permanent(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { permanent: true, reason: reason.into() }
    }
}

/// The limits of a service for batch requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchLimits {
    /// The maximum number of entries in a batch. 0 has the same effect as 1.
    pub entries: usize,
    /// The maximum size of a batch in bytes. An entry that alone exceeds this size is rejected.
    pub bytes: usize,
    /// The maximum number of batches that are in flight at the same time. 0 has the same effect as 1.
    pub in_flight: usize,
    /// Whether the messages of a group are kept in order. If so, at most one message of each group is in flight at a
    /// time, and after a rejection the later messages of the group are not sent.
    pub ordered: bool,
}

impl BatchLimits {
    /// Creates limits from the maximum numbers of entries per batch and of batches in flight. Batches may have any size
    /// in bytes, and messages are not kept in order.
    pub const fn new(entries: usize, in_flight: usize) -> Self {
        Self { entries, bytes: usize::MAX, in_flight, ordered: false }
    }
}

/// The outcome of one entry.
#[derive(Debug)]
pub enum EntryOutcome {
    /// The service has stored the entry.
    Published,
    /// The service has not stored the entry, or has not reported the outcome. A retry may succeed.
    Retryable(Box<dyn Error + Send + Sync>),
    /// The service rejected the entry permanently.
    Refused(Box<dyn Error + Send + Sync>),
}

/// The failure of a whole batch.
#[derive(Debug)]
pub enum BatchFailure {
    /// The service is unavailable or overloaded, or denies access. The failure does not concern individual entries.
    Outage(Box<dyn Error + Send + Sync>),
    /// The service rejected the batch because of its content. If the batch has several entries, the entries are then
    /// sent one by one, so that only invalid entries are rejected. If the batch has a single entry, this entry is
    /// rejected permanently.
    Malformed(Box<dyn Error + Send + Sync>),
}

/// The error of a message that is too large for the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message has {bytes} bytes including its attributes, but the limit is {limit}; use a claim check")]
#[non_exhaustive]
pub struct EntryTooLargeError {
    /// The size of the message in bytes.
    pub bytes: usize,
    /// The maximum size in bytes.
    pub limit: usize,
}
