use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::MessageChannel;
use castore_core::consumer::{DeadLetterHook, MessageHandler, RetryPolicy};

use crate::connection::Connection;

/// How the bytes of a message become a message.
pub(super) type Decode<M> = fn(&[u8]) -> Result<M, serde_json::Error>;

/// What a consumer was told, and what its lanes share.
pub(super) struct Settings<C: MessageChannel> {
    pub(super) connection: Arc<Connection>,
    pub(super) durable_name: String,
    pub(super) handler: MessageHandler<C>,
    pub(super) decode: Decode<C::Message>,
    pub(super) retry_policy: RetryPolicy,
    pub(super) concurrency: usize,
    pub(super) ack_wait: Duration,
    pub(super) confirm: bool,
    pub(super) lost_deliveries: u32,
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
            lost_deliveries: 10,
            on_dead_letter: None,
        }
    }

    /// Whether there is one message at a time.
    pub(super) fn ordered(&self) -> bool {
        self.connection.layout.partitions.is_some()
    }
}
