use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::MessageChannel;
use castore_core::consumer::{DeadLetterHook, MessageHandler, RetryPolicy};
use castore_core::error::InvalidOptionError;
use tokio::sync::Semaphore;

use crate::connection::Connection;

/// A function that decodes a message from its bytes.
pub(super) type Decode<M> = fn(&[u8]) -> Result<M, serde_json::Error>;

/// The options of a consumer, shared by its lanes.
pub(super) struct Settings<C: MessageChannel> {
    pub(super) connection: Arc<Connection>,
    pub(super) durable_name: String,
    pub(super) handler: MessageHandler<C>,
    pub(super) decode: Decode<C::Message>,
    pub(super) retry_policy: RetryPolicy,
    pub(super) concurrency: usize,
    pub(super) ack_wait: Duration,
    pub(super) confirm: bool,
    /// Whether deleted consumers and streams are created again.
    pub(super) recreate: bool,
    pub(super) lost_deliveries: u32,
    /// The subjects of the messages that this consumer wants. The durable consumer may have another filter, if a newer
    /// version of the program has replaced it.
    pub(super) filter_subjects: Vec<String>,
    pub(super) on_dead_letter: Option<DeadLetterHook<C::Message>>,
}

impl<C: MessageChannel> Settings<C> {
    pub(super) fn new(
        connection: Arc<Connection>,
        durable_name: String,
        handler: MessageHandler<C>,
        decode: Decode<C::Message>,
    ) -> Self {
        Self {
            connection,
            durable_name,
            handler,
            decode,
            retry_policy: RetryPolicy::default(),
            concurrency: 32,
            ack_wait: Duration::from_secs(30),
            confirm: false,
            recreate: true,
            lost_deliveries: 10,
            filter_subjects: vec![">".to_owned()],
            on_dead_letter: None,
        }
    }

    /// Checks the values of all options.
    pub(super) fn validate(&self) -> Result<(), InvalidOptionError> {
        let is_allowed = (1..=Semaphore::MAX_PERMITS).contains(&self.concurrency);
        InvalidOptionError::check(is_allowed, "concurrency", "must be at least 1")?;
        let is_allowed = self.ack_wait >= Duration::from_millis(100);
        InvalidOptionError::check(is_allowed, "ack_wait", "must be at least 100 milliseconds")
    }

    /// Returns whether the channel is ordered. On an ordered channel, one message of each partition is handled at a
    /// time.
    pub(super) fn ordered(&self) -> bool {
        self.connection.layout.partitions.is_some()
    }
}
