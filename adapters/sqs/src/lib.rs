//! The SQS message queue adapter of castore.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod client;
mod lambda;
mod message;
mod publish;
mod queue_url;
mod worker;

/// The client that adapters and workers are given.
pub use aws_sdk_sqs;
pub use castore_aws::{EntryTooLargeError, RequestError};
pub use lambda::{SqsLambdaHandler, SqsMessageQueueMessage};
pub use message::{MalformedMessageError, ReadMessageError};
pub use publish::{SqsAdapterBuilder, SqsFifoMessageQueueAdapter, SqsMessageQueueAdapter};
pub use queue_url::{QueueUrl, QueueUrlError};
pub use worker::{EnvelopeContent, SqsWorker, SqsWorkerError, SqsWorkerHandle};
