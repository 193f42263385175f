use std::error::Error;
use std::fmt;

use castore_core::error::InvalidOptionError;

/// The error returned if an option is invalid, if the NATS server is unavailable or unsuitable, or if a stream or a
/// consumer could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NatsError {
    /// An option has an invalid value.
    #[error(transparent)]
    InvalidOption(#[from] InvalidOptionError),
    /// The server is older than 2.10, or has an unknown version. Older servers accept several subject filters, but
    /// silently ignore some of them.
    #[error(
        "the NATS server has version {found:?}, but at least 2.10 is required; older servers ignore some subject filters"
    )]
    ServerTooOld {
        /// The version of the server.
        found: String,
    },
    /// The client did not connect to a server within the time limit.
    #[error("there is no connection to a NATS server; check the address, or increase `connect_timeout`")]
    NotConnected,
    /// A prefix or a name is empty, is longer than 100 characters, or contains other characters than ASCII letters,
    /// digits, `_` and `-`. A prefix may also contain dots between these characters.
    #[error("{name:?} is not a valid {what}; use up to 100 letters, digits, `_` and `-`{}", if *.dots { ", and dots between them" } else { "" })]
    InvalidName {
        /// The kind of name.
        what: &'static str,
        /// The name.
        name: String,
        /// Whether dots are allowed.
        dots: bool,
    },
    /// A stream with the expected name exists, but has other settings. The stream was not changed.
    #[error(
        "stream {stream} exists with {field} {found} instead of {expected}; change the options of the adapter, or the stream"
    )]
    StreamMismatch {
        /// The name of the stream.
        stream: String,
        /// The setting that differs.
        field: &'static str,
        /// The actual value.
        found: String,
        /// The expected value.
        expected: String,
    },
    /// A durable consumer with the expected name exists, but has other settings. The consumer was not changed.
    #[error("consumer {consumer} of stream {stream} exists with {field} {found} instead of {expected}; {}", remedy(.field))]
    ConsumerMismatch {
        /// The name of the stream.
        stream: String,
        /// The name of the durable consumer.
        consumer: String,
        /// The setting that differs.
        field: &'static str,
        /// The actual value.
        found: String,
        /// The expected value.
        expected: String,
    },
    /// A durable consumer or its stream was deleted while the consumer was in use, and
    /// [`recreate`](crate::NatsListenerBuilder::recreate) is `false`.
    #[error(
        "durable consumer {consumer} of stream {stream} was deleted; restart the worker or listener to create it again"
    )]
    ConsumerDeleted {
        /// The name of the stream.
        stream: String,
        /// The name of the durable consumer.
        consumer: String,
    },
    /// The server rejected a request, or did not respond in time.
    #[error("{what} failed")]
    Request {
        /// A description of the request.
        what: String,
        /// The error of the request.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// The name of the only setting of a consumer that
/// [`NatsListenerBuilder::replace_filter`](crate::NatsListenerBuilder::replace_filter) can change.
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

/// The reason for rejecting a message that is larger than the limit. The message was not sent.
///
/// The limit is one kibibyte below the `max_payload` of the server, because a dead letter has additional headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the message has {size} bytes including its headers, but the limit is {limit}; increase `max_payload` of the server"
)]
#[non_exhaustive]
pub struct MessageTooLargeError {
    /// The size of the message in bytes, including its headers.
    pub size: usize,
    /// The maximum size in bytes.
    pub limit: usize,
}

/// The reason for rejecting a message whose subject is too long. The message was not sent. The cause is a long event
/// store id or a long event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the subject of the message has {length} bytes, but the limit is {limit}; shorten the event store id or event type"
)]
#[non_exhaustive]
pub struct SubjectTooLongError {
    /// The length of the subject in bytes.
    pub length: usize,
    /// The maximum length in bytes.
    pub limit: usize,
}
