use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use castore::PublishError;
use castore::channel::{AdapterFor, MessageChannelAdapter, PerAggregate, PublishMessageOptions, Topology};
use castore::message::ChannelMessage;

use super::Log;

/// A call of a [`Watched`] adapter.
#[derive(Debug, Clone)]
pub struct Publish<M> {
    pub messages: Vec<M>,
    pub options: PublishMessageOptions,
    /// Whether the call was `publish_messages`.
    pub many: bool,
}

type OnEvent<M> = Arc<dyn Fn(&M, PublishMessageOptions, &str) + Send + Sync>;

/// A message channel adapter that records its calls and delivers nothing. It supports every channel.
pub struct Watched<M> {
    pub asked: Log<Publish<M>>,
    on_event: Option<OnEvent<M>>,
    delay: Duration,
    broken: Arc<AtomicBool>,
}

impl<M: ChannelMessage> Watched<M> {
    pub fn new() -> Self {
        Self { asked: Log::new(), on_event: None, delay: Duration::ZERO, broken: Arc::default() }
    }

    /// Calls `tell` with `start` when publishing a message starts, and with `done` or `failed` when it ends.
    pub fn telling(self, tell: impl Fn(&M, PublishMessageOptions, &str) + Send + Sync + 'static) -> Self {
        Self { on_event: Some(Arc::new(tell)), ..self }
    }

    pub fn slow(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Makes all further calls fail.
    pub fn break_down(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    fn tell(&self, message: &M, options: &PublishMessageOptions, what: &str) {
        if let Some(tell) = &self.on_event {
            tell(message, options.clone(), what);
        }
    }

    async fn publish(&self, message: &M, options: PublishMessageOptions) -> Result<(), PublishError> {
        self.tell(message, &options, "start");
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        if self.broken.load(Ordering::SeqCst) {
            self.tell(message, &options, "failed");
            return Err(PublishError::Broker("pq is down".into()));
        }
        self.tell(message, &options, "done");
        Ok(())
    }
}

#[async_trait]
impl<M: ChannelMessage> MessageChannelAdapter<M> for Watched<M> {
    async fn publish_message(&self, message: M, options: PublishMessageOptions) -> Result<(), PublishError> {
        self.asked.add(Publish { messages: vec![message.clone()], options: options.clone(), many: false });
        self.publish(&message, options).await
    }

    async fn publish_messages(&self, messages: Vec<M>, options: PublishMessageOptions) -> Result<(), PublishError> {
        self.asked.add(Publish { messages: messages.clone(), options: options.clone(), many: true });
        for message in &messages {
            self.publish(message, options.clone()).await?;
        }
        Ok(())
    }
}

impl<M, T: Topology> AdapterFor<T> for Watched<M> {
    type Order = PerAggregate;
}
impl<M> Clone for Watched<M> {
    fn clone(&self) -> Self {
        Self {
            asked: self.asked.clone(),
            on_event: self.on_event.clone(),
            delay: self.delay,
            broken: self.broken.clone(),
        }
    }
}

impl<M> fmt::Debug for Watched<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Watched").finish_non_exhaustive()
    }
}
