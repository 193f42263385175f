//! The SQS message queue adapter of castore.
//!
//! * [`SqsMessageQueueAdapter`] publishes to standard queues, [`SqsFifoMessageQueueAdapter`] to FIFO queues, which keep the
//!   order of each aggregate: only that one can be attached to a channel with `order = "per_aggregate"`.
//! * [`SqsWorker`] handles the messages of a queue, of either kind.
//! * [`SqsLambdaHandler`] and [`SqsMessageQueueMessage`] do so in a Lambda function.
//!
//! Bodies and attributes are those of Castore's own adapter, `@castore/message-queue-adapter-sqs`: either may publish
//! what the other consumes. The differences:
//!
//! * Entries of a batch have ids that SQS accepts, and have the attributes that single messages have.
//! * The result of each entry is checked. Entries that SQS could not store are sent again, and reported if that fails.
//! * Replays have de-duplication ids of their own: a FIFO queue would drop them as duplicates of what they repeat. So have
//!   messages without version that differ. Ids that are too long, or have characters that SQS does not take, are hashed.
//! * U+FFFE and U+FFFF are written as `\ufffe` and `\uffff`, since SQS refuses them.
//!
//! The caller brings the client, with its HTTP client and credentials. The adapters disable its retries and retry
//! themselves, because they know what a failure means.
//!
//! # Permissions
//! Publishers need `sqs:SendMessage`; workers `sqs:ReceiveMessage`, `sqs:DeleteMessage`, `sqs:ChangeMessageVisibility`,
//! and `sqs:SendMessage` on the dead-letter queue; [`QueueUrl::named`] needs `sqs:GetQueueUrl`.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod lambda;
mod message;
mod publish;
mod queue_url;
mod worker;

/// The client that adapters and workers are given.
pub use aws_sdk_sqs;
pub use castore_aws::{EntryTooLargeError, RequestError};
pub use lambda::{SqsLambdaHandler, SqsLambdaHandlerBuilder, SqsMessageQueueMessage};
pub use message::{MalformedMessageError, ReadMessageError};
pub use publish::{SqsAdapterBuilder, SqsFifoMessageQueueAdapter, SqsMessageQueueAdapter};
pub use queue_url::{QueueUrl, QueueUrlError};
pub use worker::{EnvelopeContent, SqsWorker, SqsWorkerBuilder};
