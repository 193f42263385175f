use castore_aws::RequestError;
use castore_core::error::InvalidOptionError;

use crate::QueueUrlError;

/// The error of an [`SqsConsumerSetup`](crate::SqsConsumerSetup). It is the source of a
/// [`ConsumerSetupError`](castore_core::consumer::ConsumerSetupError).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqsSetupError {
    /// An option of the setup is invalid.
    #[error(transparent)]
    InvalidOption(#[from] InvalidOptionError),
    /// The URL of a queue could not be determined.
    #[error(transparent)]
    QueueUrl(#[from] QueueUrlError),
    /// A request for a queue failed.
    #[error("queue {queue} could not be set up")]
    Request {
        /// The name of the queue.
        queue: String,
        /// The error of the request.
        source: RequestError,
    },
    /// The queue does not exist, and cannot be created, because it is given by its URL or belongs to another account.
    #[error("queue {queue} does not exist; to create it, use `QueueUrl::named` with an account that may own the queue")]
    CannotCreate {
        /// The URL or the name of the queue.
        queue: String,
    },
    /// The queue does not exist, or was created but is not visible yet.
    #[error("queue {queue} is not found; a new queue can be invisible for a few seconds, so apply the setup again")]
    NotFound {
        /// The name of the queue.
        queue: String,
    },
    /// The queue exists with a setting that the worker cannot use.
    #[error(
        "queue {queue} exists with {setting} {found}, but the worker needs {needed}; change the setting, or call \
         `update_existing`"
    )]
    Mismatch {
        /// The name of the queue.
        queue: String,
        /// The name of the setting, as in the API of SQS.
        setting: &'static str,
        /// The value of the existing queue.
        found: String,
        /// The value that the worker needs.
        needed: String,
    },
    /// One of the queues is a FIFO queue and the other one is a standard queue.
    #[error("queue {queue} and its dead-letter queue {dead_letter_queue} must both be FIFO queues or standard queues")]
    KindMismatch {
        /// The name of the queue.
        queue: String,
        /// The name of the dead-letter queue.
        dead_letter_queue: String,
    },
    /// A statement of the access policy of the queue may deny an EventBridge rule the permission to send events. The
    /// condition of the statement cannot be evaluated, or it applies to the rule.
    #[error(
        "statement {statement} of the access policy of queue {queue} may deny rule {rule} to send events; change the \
         statement so that it does not apply to the rule"
    )]
    Denied {
        /// The name of the queue.
        queue: String,
        /// The `Sid` of the statement, or the number of the statement if it has no `Sid`.
        statement: String,
        /// The ARN of the rule.
        rule: String,
    },
    /// The response of SQS does not contain an attribute of the queue.
    #[error("SQS returned no {attribute} of queue {queue}")]
    NoAttribute {
        /// The name of the queue.
        queue: String,
        /// The name of the attribute.
        attribute: &'static str,
    },
    /// An attribute of the queue is not JSON.
    #[error("the {attribute} of queue {queue} is not valid")]
    InvalidAttribute {
        /// The name of the queue.
        queue: String,
        /// The name of the attribute.
        attribute: &'static str,
        /// The error of the parser.
        source: serde_json::Error,
    },
}
