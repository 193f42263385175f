use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use castore_aws::RequestPolicy;
use castore_core::channel::{ClaimCheck, MessageBus, MessageChannel, SupportsOrder};
use serde::Serialize;

use super::EventBridgeMessageBusAdapter;
use super::publisher::Publisher;
use crate::EventBusName;
use crate::client::without_retries;

/// What all entries of a request may have together: less than 1 MiB.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024 - 1;

/// Makes an [`EventBridgeMessageBusAdapter`], with options.
#[must_use = "`build` or `attach_to` makes the adapter"]
pub struct EventBridgeAdapterBuilder<C> {
    publisher: Publisher,
    marker: PhantomData<fn() -> C>,
}

impl<C: MessageChannel> EventBridgeAdapterBuilder<C> {
    pub(super) fn new(client: Client, event_bus_name: EventBusName) -> Self {
        let publisher = Publisher {
            client: without_retries(&client),
            event_bus_name,
            policy: RequestPolicy::default(),
            max_message_bytes: MAX_MESSAGE_BYTES,
            mark_replays: false,
            claim_check: None,
            claim_check_over: None,
        };
        Self { publisher, marker: PhantomData }
    }

    /// How often a request, or an entry of one, is sent until it is given up: 10 times by default. At least once it is.
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

    /// How long to wait for an answer of EventBridge: 10 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.publisher.policy = self.publisher.policy.timeout(timeout);
        self
    }

    /// How large a message may be, and all messages of a request together: 1 048 575 bytes by default. EventBridge counts
    /// the bytes of source, detail type and detail. Where its limit is still the older one, that is 262 143.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.publisher.max_message_bytes = bytes;
        self
    }

    /// Says of a replayed aggregate-exists message that it is a replay: with a key `"replay": true` in its detail, beside
    /// those of the message.
    ///
    /// By default nothing says so, as with Castore's own adapter: such messages then reach listeners that did not ask for
    /// replays, and nobody is told that they are some. Listeners of this crate look for the mark, and others do not see
    /// it. Messages that carry events need none: their detail type tells.
    pub fn mark_replays_in_detail(mut self, mark: bool) -> Self {
        self.publisher.mark_replays = mark;
        self
    }

    /// Keeps messages that are too large elsewhere, and publishes a pointer in their place. Listeners need the same claim
    /// check.
    ///
    /// A rule cannot see into what is kept elsewhere. Live messages pass it all the same, by source and detail type;
    /// replays pass every rule that asks for replays of their event store, whatever their event type.
    pub fn claim_check(mut self, claim_check: Arc<dyn ClaimCheck>) -> Self {
        self.publisher.claim_check = Some(claim_check);
        self
    }

    /// From how many bytes on messages are kept elsewhere, if there is a [claim check](Self::claim_check): by default
    /// 4096 less than [`max_message_bytes`](Self::max_message_bytes), because an event is larger when it gets to the
    /// target of a rule, and targets have limits of their own (an SQS queue its `MaximumMessageSize`).
    pub fn claim_check_over(mut self, bytes: usize) -> Self {
        self.publisher.claim_check_over = Some(bytes);
        self
    }

    /// Makes the adapter. `channel.set_adapter(adapter)` attaches it.
    pub fn build(self) -> EventBridgeMessageBusAdapter<C> {
        EventBridgeMessageBusAdapter::of_publisher(self.publisher)
    }

    /// Makes the adapter, and attaches it to `channel`.
    pub fn attach_to(self, channel: &C) -> EventBridgeMessageBusAdapter<C>
    where
        C: MessageBus<Message: Serialize>,
        EventBridgeMessageBusAdapter<C>: SupportsOrder<C::Order>,
    {
        let adapter = self.build();
        channel.set_adapter(adapter.clone());
        adapter
    }
}

impl<C> fmt::Debug for EventBridgeAdapterBuilder<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EventBridgeAdapterBuilder").field("publisher", &self.publisher).finish()
    }
}
