use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use castore_aws::{PublishOptions, request_options, without_retries};
use castore_core::channel::{ChannelAdapter, ClaimCheck, MessageChannel};
use castore_core::error::InvalidOptionError;

use super::publisher::Publisher;
use crate::QueueUrl;

/// The default maximum size of messages and of batches: 1 MiB. The limit of a queue may be lower.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// A builder of an [`SqsMessageQueueAdapter`](crate::SqsMessageQueueAdapter) or an
/// [`SqsFifoMessageQueueAdapter`](crate::SqsFifoMessageQueueAdapter).
#[must_use = "`build` or `attach_to` creates the adapter"]
pub struct SqsAdapterBuilder<A> {
    publisher: Publisher,
    marker: PhantomData<fn() -> A>,
}

pub(super) mod sealed {
    use crate::publish::publisher::Publisher;

    /// An adapter that is built from a `Publisher`.
    pub trait OfPublisher {
        #[doc(hidden)]
        #[allow(
            private_interfaces,
            reason = "the module is private, so the trait cannot be named outside of the crate"
        )]
        fn of_publisher(publisher: Publisher) -> Self;
    }
}

impl<A> SqsAdapterBuilder<A> {
    pub(super) fn new(client: &Client, queue_url: QueueUrl, fifo: bool) -> Self {
        let options = PublishOptions::new(MAX_MESSAGE_BYTES, 0);
        let publisher = Publisher { client: without_retries!(aws_sdk_sqs, client), queue_url, fifo, options };
        Self { publisher, marker: PhantomData }
    }

    request_options!(self, self.publisher.options.policy);

    /// Sets the maximum size of a message including its attributes, and of a whole batch. Defaults to 1,048,576 bytes
    /// (1 MiB). The `MaximumMessageSize` of the queue may be lower: older queues have a limit of 262,144 bytes.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.publisher.options.max_message_bytes = bytes;
        self
    }

    /// Sets the claim check that stores messages above the size [`claim_check_over`](Self::claim_check_over). SQS then
    /// receives a pointer instead of the message. Consumers need the same claim check. Defaults to none.
    pub fn claim_check(mut self, claim_check: Arc<dyn ClaimCheck>) -> Self {
        self.publisher.options.claim_check = Some(claim_check);
        self
    }

    /// Sets the size, including attributes, above which messages are stored with the [claim
    /// check](Self::claim_check). Defaults to [`max_message_bytes`](Self::max_message_bytes).
    pub fn claim_check_over(mut self, bytes: usize) -> Self {
        self.publisher.options.claim_check_over = Some(bytes);
        self
    }
}

impl<A: sealed::OfPublisher> SqsAdapterBuilder<A> {
    /// Builds the adapter without attaching it. Attach it with `channel.set_adapter(adapter)`.
    ///
    /// # Errors
    /// [`InvalidOptionError`] for the first option with an invalid value.
    pub fn build(self) -> Result<A, InvalidOptionError> {
        self.publisher.options.validate()?;
        Ok(self.build_unchecked())
    }

    /// Builds the adapter without checking the options. The caller has checked the options or uses the defaults.
    pub(super) fn build_unchecked(self) -> A {
        A::of_publisher(self.publisher)
    }

    /// Builds the adapter and attaches it to `channel`.
    ///
    /// # Errors
    /// The errors of [`build`](Self::build).
    pub fn attach_to<C: MessageChannel>(self, channel: &C) -> Result<A, InvalidOptionError>
    where
        A: ChannelAdapter<C> + Clone,
    {
        let adapter = self.build()?;
        channel.set_adapter(adapter.clone());
        Ok(adapter)
    }
}

impl<A> fmt::Debug for SqsAdapterBuilder<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqsAdapterBuilder").field("publisher", &self.publisher).finish()
    }
}
