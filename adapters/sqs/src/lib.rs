//! Message queues of [castore](https://docs.rs/castore) on SQS: adapters that publish, and consumers. Applications use
//! this crate as `castore::sqs`, with the feature `sqs` of the `castore` crate. The page about brokers of its
//! [guide](https://docs.rs/castore/latest/castore/guide/brokers/) has an example, and compares SQS with other brokers.
//!
//! * [`SqsMessageQueueAdapter`] publishes to standard queues. [`SqsFifoMessageQueueAdapter`] publishes to FIFO queues,
//!   which keep the order of each aggregate. A channel with `order = "per_aggregate"` accepts only the FIFO adapter.
//! * [`SqsWorker`] handles the messages of a standard or FIFO queue. [`SqsDeadLetters`] lists, redrives and removes the
//!   dead letters in a dead-letter queue. [`SqsConsumerSetup`] creates both queues.
//! * [`SqsLambdaHandler`] handles the messages of a queue in a Lambda function. [`SqsMessageQueueMessage`] decodes
//!   these messages without handling them.
//!
//! The program provides the SQS client, including its HTTP client and credentials, for example with `aws-config`. The
//! adapters disable the retries of the client and retry requests themselves, because the client does not know which
//! failures are safe to retry.
//!
//! # Compatibility
//! Bodies and attributes are compatible with the adapter of the original TypeScript library,
//! `@castore/message-queue-adapter-sqs`: consumers of either package can read the messages of the other package's
//! adapter. The differences are:
//!
//! * The entries of a batch have ids that SQS accepts, and the same attributes as single messages.
//! * The result of each entry of a batch is checked. Entries that SQS could not store for a temporary reason are sent
//!   again. The returned error contains the messages that were not published.
//! * Replays have deduplication ids that differ from those of the original messages, so that a FIFO queue does not drop
//!   the replays as duplicates. The same applies to events of forced pushes (`force`).
//! * Messages without a version have deduplication ids that depend on their content.
//! * Ids that are too long or contain characters that SQS does not accept are hashed.
//! * U+FFFE and U+FFFF are written as `\ufffe` and `\uffff`, because SQS rejects these characters.
//!
//! # Permissions
//! * Publishers need `sqs:SendMessage`.
//! * Workers need `sqs:ReceiveMessage`, `sqs:DeleteMessage` and `sqs:ChangeMessageVisibility` on their queue, and
//!   `sqs:SendMessage` on the dead-letter queue.
//! * [`SqsDeadLetters`] needs `sqs:ReceiveMessage`, `sqs:DeleteMessage` and `sqs:ChangeMessageVisibility` on the
//!   dead-letter queue, and `sqs:SendMessage` on the original queue.
//! * [`QueueUrl::named`] needs `sqs:GetQueueUrl`.
//! * [`SqsConsumerSetup`] needs `sqs:GetQueueUrl` and `sqs:GetQueueAttributes`, and also `sqs:CreateQueue` and
//!   `sqs:SetQueueAttributes` to make changes.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod lambda;
mod message;
mod publish;
mod queue_url;
mod setup;
mod worker;

/// The AWS SDK crate that provides the client of the adapters and workers.
pub use aws_sdk_sqs;
pub use castore_aws::{EntryTooLargeError, RequestError, RuleTarget};
pub use lambda::{
    SqsLambdaHandler, SqsLambdaHandlerBuilder, SqsMessageQueueMessage, SqsMessageQueueMessageBody,
    SqsMessageQueueRecord,
};
pub use message::{MalformedMessageError, ReadMessageError};
pub use publish::{SqsAdapterBuilder, SqsFifoMessageQueueAdapter, SqsMessageQueueAdapter};
pub use queue_url::{QueueUrl, QueueUrlError};
pub use setup::{SqsConsumerSetup, SqsSetupError};
pub use worker::{EnvelopeContent, SqsDeadLetters, SqsWorker, SqsWorkerBuilder};
