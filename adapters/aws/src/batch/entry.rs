use std::error::Error;

/// One message, ready to be sent.
#[derive(Debug)]
pub struct BatchEntry<G, E> {
    /// Whose messages are kept in order, where order is kept: the aggregate.
    pub group: G,
    /// What is sent, or why it cannot be.
    pub content: Result<E, Rejection>,
    /// Its size, in bytes, as the service counts.
    pub bytes: usize,
}

/// Why a message cannot be published.
#[derive(Debug)]
pub struct Rejection {
    /// Whether it will be refused again, however often it is tried.
    pub permanent: bool,
    /// Why.
    pub reason: Box<dyn Error + Send + Sync>,
}

impl Rejection {
    /// It will be refused again.
    pub fn permanent(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { permanent: true, reason: reason.into() }
    }
}

/// How much a service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// How many entries there may be in a batch. At least one may.
    pub entries: usize,
    /// How many bytes the entries of a batch may have together, and with it a single entry.
    pub bytes: usize,
    /// How many batches may be on their way at a time. At least one may.
    pub in_flight: usize,
    /// Whether the messages of a group are kept in order: then at most one of them is on its way at a time, and after
    /// one is refused the later ones are held back.
    pub ordered: bool,
}

/// What the service answered for one entry.
#[derive(Debug)]
pub enum EntryOutcome {
    /// It is in the service's keeping.
    Published,
    /// It is not, but may be if it is sent again.
    Retryable(Box<dyn Error + Send + Sync>),
    /// It is not, and will not be.
    Refused(Box<dyn Error + Send + Sync>),
}

/// A batch was not answered entry by entry.
#[derive(Debug)]
pub enum BatchFailure {
    /// The service is away, overloaded, or does not let us in: nothing about the entries.
    Outage(Box<dyn Error + Send + Sync>),
    /// The service refuses the batch for what is in it. The entries are sent one by one then, so that only those that
    /// are at fault are refused.
    Malformed(Box<dyn Error + Send + Sync>),
}

/// A message is too large for the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message has {bytes} bytes, with its attributes, and the limit is {limit}")]
pub struct EntryTooLargeError {
    /// How large it is.
    pub bytes: usize,
    /// How large it may be.
    pub limit: usize,
}
