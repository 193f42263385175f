use std::error::Error;
use std::fmt;

use castore_core::error::InvalidOptionError;

/// A queue or a bus could not be set up on a NATS server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NatsError {
    /// An option has a value that is not allowed.
    #[error(transparent)]
    InvalidOption(#[from] InvalidOptionError),
    /// The server is older than 2.10. Such servers accept several subject filters, and ignore them silently.
    #[error("the NATS server has version {found:?}, and 2.10 is needed: older ones ignore some subject filters")]
    ServerTooOld {
        /// The version of the server.
        found: String,
    },
    /// There is no connection to a server.
    #[error("there is no connection to a NATS server")]
    NotConnected,
    /// A prefix or a name has characters that NATS does not allow there, or more than 100.
    #[error("{name:?} cannot be the {what}; use up to 100 letters, digits, `_` and `-`{}", if *.dots { ", and dots between them" } else { "" })]
    InvalidName {
        /// What was to be named.
        what: &'static str,
        /// The name.
        name: String,
        /// Whether dots would be allowed.
        dots: bool,
    },
    /// There is a stream of that name, and it is not as expected. It was not changed.
    #[error(
        "stream {stream} exists with {field} {found}, expected {expected}; change the options of the adapter, or the stream"
    )]
    StreamMismatch {
        /// The stream.
        stream: String,
        /// What differs.
        field: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// There is a consumer of that name, and it is not as expected. It was not changed.
    #[error("consumer {consumer} of stream {stream} exists with {field} {found}, expected {expected}; {}", remedy(.field))]
    ConsumerMismatch {
        /// The stream.
        stream: String,
        /// The consumer.
        consumer: String,
        /// What differs.
        field: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A consumer, or its stream, was deleted while it was in use, and
    /// [`recreate`](crate::NatsListenerBuilder::recreate) is `false`.
    #[error("consumer {consumer} of stream {stream} was deleted; start the consumer again to create it")]
    ConsumerDeleted {
        /// The stream.
        stream: String,
        /// The consumer.
        consumer: String,
    },
    /// The server refused a request, or there was no response in time.
    #[error("{what} failed")]
    Request {
        /// The request.
        what: String,
        /// Why it failed.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// The field of a consumer that [`NatsListenerBuilder::replace_filter`](crate::NatsListenerBuilder::replace_filter) may change.
pub(crate) const FILTER_SUBJECTS: &str = "filter subjects";

fn remedy(field: &str) -> &'static str {
    if field == FILTER_SUBJECTS {
        "use another durable name, or `replace_filter`"
    } else {
        "use another durable name, or delete the consumer"
    }
}

impl NatsError {
    pub(crate) fn request(what: impl fmt::Display, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Request { what: what.to_string(), source: source.into() }
    }
}

/// A message is larger than the server takes. It was not sent.
///
/// One kibibyte of the server's limit is kept free for what is noted on dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message has {size} bytes, headers included, and the NATS server takes {limit}")]
#[non_exhaustive]
pub struct MessageTooLargeError {
    /// The bytes of the message, its headers included.
    pub size: usize,
    /// The most that is taken.
    pub limit: usize,
}

/// The names of the event store and of the event's type make a subject that is too long. The message was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the subject of the message has {length} bytes, and {limit} are allowed")]
#[non_exhaustive]
pub struct SubjectTooLongError {
    /// The length of the subject in bytes.
    pub length: usize,
    /// The longest there may be.
    pub limit: usize,
}
