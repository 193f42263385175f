use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::{
    AdapterFor, MessageChannelAdapter, PublishError, PublishMessageOptions, Topology, one_by_one,
};
use castore_core::message::{ChannelMessage, StoredMessage};

use super::faults::{Faults, OnPurpose};

/// A message channel adapter that wraps another adapter and injects faults: failures, duplicates and delays. The
/// adapter counts single messages and the messages of batches together, starting at 1. Clones share the count.
pub struct FaultyMessageChannelAdapter<A> {
    inner: A,
    faults: Arc<Faults<Fault>>,
}

#[derive(Debug)]
enum Fault {
    Fail,
    Duplicate,
    Delay(Duration),
}

impl<A> FaultyMessageChannelAdapter<A> {
    /// Creates an adapter without faults.
    pub fn new(inner: A) -> Self {
        Self { inner, faults: Arc::default() }
    }

    /// Returns the wrapped adapter.
    pub fn inner(&self) -> &A {
        &self.inner
    }

    /// Makes publishing of message number `n` fail. The message is not published.
    pub fn fail_publish(&self, n: u64) {
        self.faults.add(n, Fault::Fail);
    }

    /// Makes the adapter publish message number `n` twice.
    pub fn duplicate_publish(&self, n: u64) {
        self.faults.add(n, Fault::Duplicate);
    }

    /// Makes the adapter publish message number `n` after `delay`.
    pub fn delay_publish(&self, n: u64, delay: Duration) {
        self.faults.add(n, Fault::Delay(delay));
    }
}

#[async_trait]
impl<M: ChannelMessage, A: MessageChannelAdapter<M>> MessageChannelAdapter<M> for FaultyMessageChannelAdapter<A> {
    async fn publish_message(&self, message: M, options: PublishMessageOptions) -> Result<(), PublishError> {
        for fault in self.faults.next_call() {
            match fault {
                Fault::Fail => return Err(PublishError::Broker(Box::new(OnPurpose))),
                Fault::Duplicate => self.inner.publish_message(message.clone(), options.clone()).await?,
                Fault::Delay(delay) => tokio::time::sleep(delay).await,
            }
        }
        self.inner.publish_message(message, options).await
    }

    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<M>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let options = &options;
        let publish = async |message: StoredMessage<M>| {
            for fault in self.faults.next_call() {
                match fault {
                    Fault::Fail => return Err(PublishError::Broker(Box::new(OnPurpose))),
                    Fault::Duplicate => {
                        self.inner.publish_stored_messages(vec![message.clone()], options.clone()).await?;
                    }
                    Fault::Delay(delay) => tokio::time::sleep(delay).await,
                }
            }
            self.inner.publish_stored_messages(vec![message], options.clone()).await
        };
        one_by_one(messages, |message| (message.event_store_id.clone(), message.event.aggregate_id.clone()), publish)
            .await
    }
}

/// The adapter supports the same channels as the wrapped adapter.
impl<T: Topology, A: AdapterFor<T>> AdapterFor<T> for FaultyMessageChannelAdapter<A> {
    type Order = A::Order;
}

impl<A: Clone> Clone for FaultyMessageChannelAdapter<A> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), faults: self.faults.clone() }
    }
}

impl<A: fmt::Debug> fmt::Debug for FaultyMessageChannelAdapter<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FaultyMessageChannelAdapter")
            .field("inner", &self.inner)
            .field("faults", &self.faults)
            .finish()
    }
}
