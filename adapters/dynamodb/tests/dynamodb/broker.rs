//! A broker whose behavior tests can control.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use castore::channel::{
    AdapterFor, MessageChannelAdapter, PerAggregate, PublishMessageOptions, RejectedMessage, Topology,
};
use castore::message::ChannelMessage;
use castore::message::StoredMessage;
use castore::{MessageChannel, PublishError};
use serde_json::Value;

/// The broker's treatment of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take,
    /// Rejects the message permanently.
    Refuse,
    /// Rejects the message temporarily.
    NotNow,
    /// Fails the call before this message.
    BreakOff,
    /// Rejects the call without naming a message.
    RefuseUnnamed,
}

/// A function that returns the treatment of a message. Its arguments are the id of the aggregate and the version.
type Judge = Arc<dyn Fn(&str, u64) -> Verdict + Send + Sync>;

/// A message channel adapter for every type of channel. The adapter records messages, and can reject or delay them.
pub(crate) struct Broker<C> {
    inner: Arc<Mutex<Inner>>,
    /// Whether the adapter preserves the order within a call, and declares so.
    holds_back: bool,
    delay: Duration,
    channel: PhantomData<fn() -> C>,
}

struct Inner {
    /// The time that each message takes.
    delay_each: Duration,
    messages: Vec<Value>,
    judge: Judge,
}

impl<C: MessageChannel> Broker<C>
where
    C::Message: serde::Serialize,
{
    pub(crate) fn attach(channel: &C) -> Self {
        Self::attach_as(channel, false, Duration::ZERO)
    }

    pub(crate) fn attach_as(channel: &C, holds_back: bool, delay: Duration) -> Self {
        let inner = Inner { delay_each: Duration::ZERO, messages: Vec::new(), judge: Arc::new(|_, _| Verdict::Take) };
        let broker = Self { inner: Arc::new(Mutex::new(inner)), holds_back, delay, channel: PhantomData };
        broker.clone().attach_to(channel);
        broker
    }

    /// Attaches the broker to another channel of the same type, as another process would do.
    pub(crate) fn attach_to(self, channel: &C) {
        channel.set_adapter(self);
    }

    pub(crate) fn judge(&self, judge: impl Fn(&str, u64) -> Verdict + Send + Sync + 'static) {
        self.inner.lock().unwrap().judge = Arc::new(judge);
    }

    /// Sets the time that each message takes from now on.
    pub(crate) fn slow_with_each(&self, delay_each: Duration) {
        self.inner.lock().unwrap().delay_each = delay_each;
    }

    pub(crate) fn heal(&self) {
        self.judge(|_, _| Verdict::Take);
    }

    pub(crate) fn messages(&self) -> Vec<Value> {
        self.inner.lock().unwrap().messages.clone()
    }

    /// Returns the aggregate and the version of each message, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.messages().iter().map(|message| format!("{}{}", aggregate_of(message), version_of(message))).collect()
    }

    /// Waits until `count` different events have arrived.
    pub(crate) async fn until(&self, count: usize) {
        let give_up = Instant::now() + Duration::from_secs(20);
        loop {
            let firsts = self.first_deliveries();
            let come: usize = firsts.values().map(Vec::len).sum();
            if come >= count {
                return;
            }
            assert!(Instant::now() < give_up, "{come} of {count}: {firsts:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Returns the versions of each aggregate, in the order of their first deliveries.
    pub(crate) fn first_deliveries(&self) -> HashMap<String, Vec<u64>> {
        let mut firsts: HashMap<String, Vec<u64>> = HashMap::new();
        for message in self.messages() {
            let versions = firsts.entry(aggregate_of(&message)).or_default();
            if !versions.contains(&version_of(&message)) {
                versions.push(version_of(&message));
            }
        }
        firsts
    }

    async fn take(&self, messages: Vec<Value>) -> Result<(), PublishError> {
        let (judge, delay_each) = {
            let inner = self.inner.lock().unwrap();
            (inner.judge.clone(), inner.delay_each)
        };
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        let total = messages.len();
        let mut rejected: Vec<RejectedMessage> = Vec::new();
        let mut refused: Vec<String> = Vec::new();
        for (index, message) in messages.into_iter().enumerate() {
            if !delay_each.is_zero() {
                tokio::time::sleep(delay_each).await;
            }
            let aggregate = aggregate_of(&message);
            let permanent = match judge(&aggregate, version_of(&message)) {
                _ if self.holds_back && refused.contains(&aggregate) => false,
                Verdict::Take => {
                    self.inner.lock().unwrap().messages.push(message);
                    continue;
                }
                Verdict::Refuse => true,
                Verdict::NotNow => false,
                Verdict::RefuseUnnamed => return Err(PublishError::Rejected { total: 0, rejected }),
                Verdict::BreakOff => return Err(PublishError::Broker("the broker is unavailable".into())),
            };
            refused.push(aggregate);
            rejected.push(RejectedMessage::new(index, permanent, "refused"));
        }
        if rejected.is_empty() { Ok(()) } else { Err(PublishError::Rejected { total, rejected }) }
    }
}

fn aggregate_of(message: &Value) -> String {
    message["event"]["aggregateId"].as_str().unwrap().to_owned()
}

fn version_of(message: &Value) -> u64 {
    message["event"]["version"].as_u64().unwrap()
}

#[async_trait]
impl<C: MessageChannel> MessageChannelAdapter<C::Message> for Broker<C>
where
    C::Message: ChannelMessage + serde::Serialize,
{
    async fn publish_message(&self, message: C::Message, options: PublishMessageOptions) -> Result<(), PublishError> {
        self.publish_messages(vec![message], options).await
    }

    async fn publish_messages(
        &self,
        messages: Vec<C::Message>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        assert!(!options.replay);
        self.take(messages.iter().map(|message| serde_json::to_value(message).unwrap()).collect()).await
    }

    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<C::Message>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        assert!(!options.replay);
        self.take(messages.iter().map(|raw| serde_json::to_value(raw).unwrap()).collect()).await
    }

    fn preserves_order_on_rejection(&self) -> bool {
        self.holds_back
    }
}

impl<C: MessageChannel, T: Topology> AdapterFor<T> for Broker<C> {
    type Order = PerAggregate;
}

impl<C> Clone for Broker<C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), holds_back: self.holds_back, delay: self.delay, channel: PhantomData }
    }
}

impl<C> std::fmt::Debug for Broker<C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Broker").finish_non_exhaustive()
    }
}
