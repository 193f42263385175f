use std::fmt;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;

use super::instruments::{DESTINATION_NAME, ERROR_TYPE, MESSAGING_SYSTEM, SEND_DURATION, SENT_MESSAGES};
use super::stopwatch::Stopwatch;
use super::{Attribute, Meter};
use crate::channel::{
    AdapterFor, MessageChannel, MessageChannelAdapter, PublishError, PublishMessageOptions, Topology,
};
use crate::message::{ChannelMessage, StoredMessage};

/// A wrapper of a message channel adapter that measures publishing: the number of messages, and the duration of each
/// call.
///
/// The wrapper can be attached to every channel to which the inner adapter can be attached. Messages that were not
/// published have the attribute `error.type`. If the future of a call is dropped before it ends, for example at a timeout,
/// the duration is recorded, but the messages are not counted, because their outcome is unknown.
///
/// ```
/// # use std::sync::Arc;
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// use castore::metrics::{MeteredMessageChannelAdapter, Meter};
///
/// # fn example(meter: Arc<dyn Meter>) {
/// let app_bus = AppBus::new();
/// let adapter = InMemoryMessageBusAdapter::<AppBus>::new();
/// app_bus.set_adapter(MeteredMessageChannelAdapter::new(&app_bus, "in_memory", adapter.clone(), meter));
/// # }
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct MeteredMessageChannelAdapter<A> {
    inner: A,
    channel: &'static str,
    system: &'static str,
    meter: Arc<dyn Meter>,
}

impl<A> MeteredMessageChannelAdapter<A> {
    /// Wraps an adapter. `channel` is the channel to which the wrapper will be attached. `system` is the name of the
    /// broker for the attribute `messaging.system`, such as `nats` or `aws_sqs`.
    pub fn new<C: MessageChannel>(channel: &C, system: &'static str, inner: A, meter: Arc<dyn Meter>) -> Self {
        Self { inner, channel: channel.message_channel_id(), system, meter }
    }

    fn attributes(&self) -> [Attribute<'static>; 2] {
        [(MESSAGING_SYSTEM, self.system), (DESTINATION_NAME, self.channel)]
    }

    async fn measured(
        &self,
        messages: usize,
        call: impl Future<Output = Result<(), PublishError>>,
    ) -> Result<(), PublishError> {
        let stopwatch = Stopwatch::start(&self.meter, &SEND_DURATION, self.attributes().into());
        let sent = call.await;
        let class = sent.as_ref().err().map(class_of);
        stopwatch.stop(class);
        let failed = match &sent {
            Ok(()) => 0,
            Err(PublishError::Rejected { rejected, .. }) => rejected.len().min(messages),
            Err(_) => messages,
        };
        self.count(messages - failed, None);
        self.count(failed, class);
        sent
    }

    fn count(&self, messages: usize, error: Option<&'static str>) {
        if messages > 0 {
            let attributes: Vec<_> =
                self.attributes().into_iter().chain(error.map(|error| (ERROR_TYPE, error))).collect();
            self.meter.count(&SENT_MESSAGES, messages as u64, &attributes);
        }
    }
}

#[async_trait]
impl<M: ChannelMessage, A: MessageChannelAdapter<M>> MessageChannelAdapter<M> for MeteredMessageChannelAdapter<A> {
    async fn publish_message(&self, message: M, options: PublishMessageOptions) -> Result<(), PublishError> {
        self.measured(1, self.inner.publish_message(message, options)).await
    }

    async fn publish_messages(&self, messages: Vec<M>, options: PublishMessageOptions) -> Result<(), PublishError> {
        self.measured(messages.len(), self.inner.publish_messages(messages, options)).await
    }

    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<M>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.measured(messages.len(), self.inner.publish_stored_messages(messages, options)).await
    }

    fn preserves_order_on_rejection(&self) -> bool {
        self.inner.preserves_order_on_rejection()
    }
}

impl<T: Topology, A: AdapterFor<T>> AdapterFor<T> for MeteredMessageChannelAdapter<A> {
    type Order = A::Order;
}

/// Returns the value of the attribute `error.type` for an error.
fn class_of(error: &PublishError) -> &'static str {
    match error {
        PublishError::UndefinedAdapter(_) => "undefined_adapter",
        PublishError::LoadAggregate(_) => "load_aggregate",
        PublishError::Rejected { .. } => "rejected",
        PublishError::Serialize(_) => "serialize",
        PublishError::Broker(_) => "broker",
        PublishError::ShutDown => "shut_down",
    }
}

impl<A: fmt::Debug> fmt::Debug for MeteredMessageChannelAdapter<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MeteredMessageChannelAdapter")
            .field("inner", &self.inner)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}
