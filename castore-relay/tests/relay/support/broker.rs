use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use castore::channel::{
    AdapterFor, MessageChannelAdapter, PerAggregate, PublishMessageOptions, RejectedMessage, Topology,
};
use castore::message::ChannelMessage;
use castore::message::StoredMessage;
use castore::{MessageChannel, PublishError};

/// A message that the broker has received.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Delivered {
    pub event_store_id: String,
    pub aggregate_id: String,
    pub version: u64,
    pub event_type: String,
}

impl Delivered {
    pub fn name(&self) -> String {
        format!("{}{}", self.aggregate_id, self.version)
    }
}

/// The reaction of the broker to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Take,
    /// Rejects the message permanently.
    Refuse,
    /// Rejects the message temporarily.
    NotNow,
    /// Fails the whole call when it reaches this message. The earlier messages of the call are delivered.
    BreakOff,
    /// Fails the call because a message cannot be serialized, without naming the message.
    Unwritable,
    /// Rejects the call without reporting which messages are rejected.
    RefuseUnnamed,
    /// Never returns from the call.
    Hang,
    Panic,
}

type Judge = Arc<dyn Fn(&Delivered) -> Verdict + Send + Sync>;

/// A broker with configurable failures, which supports every channel.
pub struct Broker<C> {
    inner: Arc<Mutex<Inner>>,
    /// Whether the adapter holds back the later messages of an aggregate after a failure, and reports this capability.
    holds_back: bool,
    /// Whether the broker decodes notifications.
    decodes: bool,
    delay: Duration,
    delay_each: Duration,
    channel: PhantomData<fn() -> C>,
}

struct Inner {
    delivered: Vec<Delivered>,
    /// The messages as JSON.
    messages: Vec<serde_json::Value>,
    calls: Vec<Vec<Delivered>>,
    judge: Judge,
}

impl<C> Broker<C> {
    pub fn new() -> Self {
        let judge: Judge = Arc::new(|_| Verdict::Take);
        let inner = Inner { delivered: Vec::new(), messages: Vec::new(), calls: Vec::new(), judge };
        Self {
            inner: Arc::new(Mutex::new(inner)),
            holds_back: false,
            decodes: false,
            delay: Duration::ZERO,
            delay_each: Duration::ZERO,
            channel: PhantomData,
        }
    }

    /// Makes the adapter keep the order within a call when a message fails.
    pub fn holding_back(self) -> Self {
        Self { holds_back: true, ..self }
    }

    pub fn decoding(self) -> Self {
        Self { decodes: true, ..self }
    }

    /// Delays each call.
    pub fn slow(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Delays each message.
    pub fn slow_with_each(self, delay_each: Duration) -> Self {
        Self { delay_each, ..self }
    }

    pub fn judge(&self, judge: impl Fn(&Delivered) -> Verdict + Send + Sync + 'static) {
        self.inner.lock().unwrap().judge = Arc::new(judge);
    }

    pub fn heal(&self) {
        self.judge(|_| Verdict::Take);
    }

    pub fn delivered(&self) -> Vec<Delivered> {
        self.inner.lock().unwrap().delivered.clone()
    }

    pub fn messages(&self) -> Vec<serde_json::Value> {
        self.inner.lock().unwrap().messages.clone()
    }

    /// Returns the messages of each call.
    pub fn calls(&self) -> Vec<String> {
        self.inner.lock().unwrap().calls.iter().map(|call| super::names(call)).collect()
    }

    pub fn names(&self) -> String {
        super::names(&self.delivered())
    }

    async fn take(&self, messages: Vec<(Delivered, Option<serde_json::Value>)>) -> Result<(), PublishError> {
        let judge = {
            let mut inner = self.inner.lock().unwrap();
            inner.calls.push(messages.iter().map(|(message, _)| message.clone()).collect());
            inner.judge.clone()
        };
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        let total = messages.len();
        let mut rejected: Vec<RejectedMessage> = Vec::new();
        let mut refused: Vec<String> = Vec::new();
        for (index, (message, json)) in messages.into_iter().enumerate() {
            if !self.delay_each.is_zero() {
                tokio::time::sleep(self.delay_each).await;
            }
            let permanent = match judge(&message) {
                _ if self.holds_back && refused.contains(&message.aggregate_id) => false,
                Verdict::Take => {
                    let mut inner = self.inner.lock().unwrap();
                    inner.delivered.push(message);
                    inner.messages.extend(json);
                    continue;
                }
                Verdict::Refuse => true,
                Verdict::NotNow => false,
                Verdict::BreakOff => return Err(PublishError::Broker("the broker is unavailable".into())),
                Verdict::Unwritable => {
                    let error = serde_json::from_str::<u64>("no number").unwrap_err();
                    return Err(PublishError::Serialize(error));
                }
                Verdict::RefuseUnnamed => return Err(PublishError::Rejected { total: 0, rejected: Vec::new() }),
                Verdict::Hang => std::future::pending().await,
                Verdict::Panic => panic!("the adapter is broken"),
            };
            refused.push(message.aggregate_id);
            rejected.push(RejectedMessage::new(index, permanent, "refused"));
        }
        if rejected.is_empty() { Ok(()) } else { Err(PublishError::Rejected { total, rejected }) }
    }
}

impl<C: MessageChannel> Broker<C> {
    pub fn attach(self, channel: &C) -> Self
    where
        C::Message: serde::Serialize,
    {
        channel.set_adapter(self.clone());
        self
    }
}

fn of_message<M: ChannelMessage>(message: &M) -> Delivered {
    let message = message.as_message();
    Delivered {
        event_store_id: message.event_store_id().to_owned(),
        aggregate_id: message.aggregate_id(),
        version: message.version().unwrap(),
        event_type: message.event_type().unwrap().to_owned(),
    }
}

#[async_trait]
impl<C: MessageChannel> MessageChannelAdapter<C::Message> for Broker<C>
where
    C::Message: serde::Serialize,
{
    async fn publish_message(&self, message: C::Message, options: PublishMessageOptions) -> Result<(), PublishError> {
        self.publish_messages(vec![message], options).await
    }

    async fn publish_messages(&self, messages: Vec<C::Message>, _: PublishMessageOptions) -> Result<(), PublishError> {
        let messages =
            messages.iter().map(|message| (of_message(message), Some(serde_json::to_value(message).unwrap())));
        self.take(messages.collect()).await
    }

    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<C::Message>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        if self.decodes {
            let decoding = castore::testing::RecordingMessageChannelAdapter::<C>::new();
            decoding.publish_stored_messages(messages.clone(), options).await?;
        }
        let messages = messages.into_iter().map(|raw| {
            let json = serde_json::to_value(&raw).unwrap();
            let message = Delivered {
                event_store_id: raw.event_store_id.as_ref().to_owned(),
                aggregate_id: raw.event.aggregate_id,
                version: raw.event.version,
                event_type: raw.event.event_type.into_owned(),
            };
            (message, Some(json))
        });
        self.take(messages.collect()).await
    }

    fn preserves_order_on_rejection(&self) -> bool {
        self.holds_back
    }
}

impl<C, T: Topology> AdapterFor<T> for Broker<C> {
    type Order = PerAggregate;
}
impl<C> Clone for Broker<C> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            holds_back: self.holds_back,
            decodes: self.decodes,
            delay: self.delay,
            delay_each: self.delay_each,
            channel: PhantomData,
        }
    }
}

impl<C> fmt::Debug for Broker<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Broker").finish_non_exhaustive()
    }
}
