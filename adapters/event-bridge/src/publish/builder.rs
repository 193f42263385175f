use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_eventbridge::Client;
use castore_aws::{PublishOptions, request_options, without_retries};
use castore_core::channel::{ClaimCheck, MessageBus, MessageChannel, SupportsOrder};
use castore_core::error::InvalidOptionError;
use serde::Serialize;

use super::EventBridgeMessageBusAdapter;
use super::publisher::Publisher;
use crate::EventBusName;

/// The maximum size of all entries of a request together: less than 1 MiB.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024 - 1;

/// The difference between the size of an entry and of the event that a rule delivers: the names and values of id, time,
/// account, region and so on. The targets of rules have limits, too.
const ENVELOPE: usize = 4 * 1024;

/// Builds an [`EventBridgeMessageBusAdapter`], with options.
#[must_use = "`build` or `attach_to` makes the adapter"]
pub struct EventBridgeAdapterBuilder<C> {
    publisher: Publisher,
    marker: PhantomData<fn() -> C>,
}

impl<C: MessageChannel> EventBridgeAdapterBuilder<C> {
    pub(super) fn new(client: &Client, event_bus_name: EventBusName) -> Self {
        let publisher = Publisher {
            client: without_retries!(aws_sdk_eventbridge, client),
            event_bus_name,
            mark_replays: false,
            options: PublishOptions::new(MAX_MESSAGE_BYTES, ENVELOPE),
        };
        Self { publisher, marker: PhantomData }
    }

    request_options!(self, self.publisher.options.policy);

    /// The maximum size of a message, and of all messages of a request together. Defaults to 1 048 575 bytes. EventBridge
    /// counts the bytes of source, detail type and detail. Where its limit is still the older one, that is 262 143.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.publisher.options.max_message_bytes = bytes;
        self
    }

    /// Whether the detail of a replayed aggregate-exists message has a key `"replay": true`, beside those of the message.
    /// Defaults to `false`.
    ///
    /// Castore's own adapter does not mark such messages: they reach listeners that did not ask for replays, and the
    /// listeners do not learn that they are replays. Listeners of this crate recognize the mark, and others ignore it.
    /// Messages that carry events need no mark, because their detail type shows that they are replays.
    pub fn mark_replays_in_detail(mut self, mark: bool) -> Self {
        self.publisher.mark_replays = mark;
        self
    }

    /// Stores messages that are too large elsewhere, and publishes a pointer instead. Listeners need the same claim check.
    ///
    /// A rule cannot see the content of a message that is stored elsewhere. Live messages pass it by source and detail type
    /// all the same; replays pass every rule that asks for replays of their event store, whatever their event type.
    pub fn claim_check(mut self, claim_check: Arc<dyn ClaimCheck>) -> Self {
        self.publisher.options.claim_check = Some(claim_check);
        self
    }

    /// The size above which a message is stored elsewhere, if there is a [claim check](Self::claim_check). Defaults to 4096
    /// less than [`max_message_bytes`](Self::max_message_bytes), because an event is larger when it reaches the target of a
    /// rule, and targets have limits of their own (an SQS queue its `MaximumMessageSize`).
    pub fn claim_check_over(mut self, bytes: usize) -> Self {
        self.publisher.options.claim_check_over = Some(bytes);
        self
    }

    /// Builds the adapter. `channel.set_adapter(adapter)` attaches it.
    ///
    /// # Errors
    /// [`InvalidOptionError`] of the first option with an invalid value.
    pub fn build(self) -> Result<EventBridgeMessageBusAdapter<C>, InvalidOptionError> {
        self.publisher.options.validate()?;
        Ok(self.build_unchecked())
    }

    /// Builds the adapter with options that are known to be valid: the defaults.
    pub(super) fn build_unchecked(self) -> EventBridgeMessageBusAdapter<C> {
        EventBridgeMessageBusAdapter::of_publisher(self.publisher)
    }

    /// Builds the adapter and attaches it to `channel`.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn attach_to(self, channel: &C) -> Result<EventBridgeMessageBusAdapter<C>, InvalidOptionError>
    where
        C: MessageBus<Message: Serialize>,
        EventBridgeMessageBusAdapter<C>: SupportsOrder<C::Order>,
    {
        let adapter = self.build()?;
        channel.set_adapter(adapter.clone());
        Ok(adapter)
    }
}

impl<C> fmt::Debug for EventBridgeAdapterBuilder<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EventBridgeAdapterBuilder").field("publisher", &self.publisher).finish()
    }
}
