use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use castore_aws::RequestPolicy;
use castore_core::channel::{ChannelAdapter, ClaimCheck, MessageChannel};

use super::publisher::Publisher;
use crate::QueueUrl;
use crate::client::without_retries;

/// As large as messages and batches may be, if the queue does not say less: 1 MiB.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// Makes an [`SqsMessageQueueAdapter`](crate::SqsMessageQueueAdapter) or an
/// [`SqsFifoMessageQueueAdapter`](crate::SqsFifoMessageQueueAdapter), with options.
#[must_use = "`build` or `attach_to` makes the adapter"]
pub struct SqsAdapterBuilder<A> {
    publisher: Publisher,
    marker: PhantomData<fn() -> A>,
}

pub(super) mod sealed {
    use crate::publish::publisher::Publisher;

    /// One of the adapters.
    pub trait OfPublisher {
        #[doc(hidden)]
        #[allow(private_interfaces, reason = "nobody else can name the module")]
        fn of_publisher(publisher: Publisher) -> Self;
    }
}

impl<A> SqsAdapterBuilder<A> {
    pub(super) fn new(client: Client, queue_url: QueueUrl, fifo: bool) -> Self {
        let publisher = Publisher {
            client: without_retries(&client),
            queue_url,
            fifo,
            policy: RequestPolicy::default(),
            max_message_bytes: MAX_MESSAGE_BYTES,
            claim_check: None,
            claim_check_over: None,
        };
        Self { publisher, marker: PhantomData }
    }

    /// How often a request, or an entry of a batch, is sent until it is given up: 10 times by default. At least once it
    /// is.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.publisher.policy = self.publisher.policy.attempts(attempts);
        self
    }

    /// The pause before the second attempt, and the longest of all: up to 25 ms and 2 s by default. It doubles with each
    /// attempt, and a random part of it is waited for.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.publisher.policy = self.publisher.policy.backoff(first, longest);
        self
    }

    /// How long to wait for an answer of SQS: 10 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.publisher.policy = self.publisher.policy.timeout(timeout);
        self
    }

    /// How large a message may be, body and attributes, and all messages of a batch together: 1 MiB by default, which is
    /// 1 048 576 bytes. Queues may have a lower limit, their `MaximumMessageSize`: 262 144 for older ones.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.publisher.max_message_bytes = bytes;
        self
    }

    /// Keeps messages that are too large elsewhere, and sends a pointer in their place. Consumers need the same claim
    /// check.
    pub fn claim_check(mut self, claim_check: Arc<dyn ClaimCheck>) -> Self {
        self.publisher.claim_check = Some(claim_check);
        self
    }

    /// From how many bytes on, body and attributes, messages are kept elsewhere, if there is a
    /// [claim check](Self::claim_check): those that are larger than [`max_message_bytes`](Self::max_message_bytes) by
    /// default.
    pub fn claim_check_over(mut self, bytes: usize) -> Self {
        self.publisher.claim_check_over = Some(bytes);
        self
    }
}

impl<A: sealed::OfPublisher> SqsAdapterBuilder<A> {
    /// Makes the adapter. `channel.set_adapter(adapter)` attaches it.
    pub fn build(self) -> A {
        A::of_publisher(self.publisher)
    }

    /// Makes the adapter, and attaches it to `channel`.
    pub fn attach_to<C: MessageChannel>(self, channel: &C) -> A
    where
        A: ChannelAdapter<C> + Clone,
    {
        let adapter = self.build();
        channel.set_adapter(adapter.clone());
        adapter
    }
}

impl<A> fmt::Debug for SqsAdapterBuilder<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqsAdapterBuilder").field("publisher", &self.publisher).finish()
    }
}
