use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_eventbridge::Client;
use castore_aws::{PublishOptions, request_options, without_retries};
use castore_core::channel::{ClaimCheck, KeepsOrder, MessageBus, MessageChannel, Unordered};
use castore_core::error::InvalidOptionError;
use serde::Serialize;

use super::EventBridgeMessageBusAdapter;
use super::publisher::Publisher;
use crate::EventBusName;

/// The default maximum size of a request, which is the sum of the sizes of its entries. EventBridge requires less than
/// 1 MiB.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024 - 1;

/// The space for the fields that EventBridge adds to an entry, such as id, time, account and region. The event that a
/// rule delivers contains these fields, and the targets of rules have size limits, too.
const ENVELOPE: usize = 4 * 1024;

/// A builder of an [`EventBridgeMessageBusAdapter`].
#[must_use = "`build` or `attach_to` creates the adapter"]
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

    /// Sets the maximum size of a message, and of a whole request. EventBridge counts the bytes of source, detail type
    /// and detail. Defaults to 1,048,575 bytes. Set 262,143 bytes where the older limit of EventBridge still applies.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.publisher.options.max_message_bytes = bytes;
        self
    }

    /// Sets whether the detail of a replayed aggregate-exists message contains the key `"replay": true`. Defaults to
    /// `false`.
    ///
    /// The original TypeScript adapter does not mark such messages. Without the mark, these messages also reach
    /// listeners that did not subscribe to replays, and no listener can recognize them as replays. Listeners of this
    /// crate recognize the mark, and other listeners ignore it. Messages with an event need no mark, because their
    /// detail type shows that they are replays.
    pub fn mark_replays_in_detail(mut self, mark: bool) -> Self {
        self.publisher.mark_replays = mark;
        self
    }

    /// Sets the claim check that stores messages above the size [`claim_check_over`](Self::claim_check_over). The event
    /// then contains a pointer instead of the message. Listeners need the same claim check. Defaults to none.
    ///
    /// A rule cannot see the content of a stored message. Live messages are still matched by source and detail type,
    /// but replays match every rule that passes replays of their event store, regardless of the event type.
    pub fn claim_check(mut self, claim_check: Arc<dyn ClaimCheck>) -> Self {
        self.publisher.options.claim_check = Some(claim_check);
        self
    }

    /// Sets the size above which a message is stored with the [claim check](Self::claim_check). Defaults to 4096 bytes
    /// less than [`max_message_bytes`](Self::max_message_bytes), because the event that reaches the target of a rule is
    /// larger than the message. Targets have their own limits, for example the `MaximumMessageSize` of an SQS queue.
    pub fn claim_check_over(mut self, bytes: usize) -> Self {
        self.publisher.options.claim_check_over = Some(bytes);
        self
    }

    /// Builds the adapter without attaching it. Attach it with `channel.set_adapter(adapter)`.
    ///
    /// # Errors
    /// [`InvalidOptionError`] for the first option with an invalid value.
    pub fn build(self) -> Result<EventBridgeMessageBusAdapter<C>, InvalidOptionError> {
        self.publisher.options.validate()?;
        Ok(self.build_unchecked())
    }

    /// Builds the adapter without checking the options. The caller has checked the options or uses the defaults.
    pub(super) fn build_unchecked(self) -> EventBridgeMessageBusAdapter<C> {
        EventBridgeMessageBusAdapter::of_publisher(self.publisher)
    }

    /// Builds the adapter and attaches it to `channel`.
    ///
    /// # Errors
    /// The errors of [`build`](Self::build).
    pub fn attach_to(self, channel: &C) -> Result<EventBridgeMessageBusAdapter<C>, InvalidOptionError>
    where
        C: MessageBus<Message: Serialize>,
        Unordered: KeepsOrder<C::Order, EventBridgeMessageBusAdapter<C>>,
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
