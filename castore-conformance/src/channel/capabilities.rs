use std::time::Duration;

/// The capabilities of a message channel adapter. Start with [`full`](Self::full): the other methods each waive a
/// requirement, enable additional tests, or set a value for the tests.
#[derive(Debug, Clone)]
pub struct ChannelCapabilities {
    pub(crate) exactly_once: bool,
    pub(crate) fifo: bool,
    pub(crate) max_message_len: usize,
    pub(crate) drains: bool,
    pub(crate) refuses_after_shutdown: bool,
    pub(crate) durable: bool,
    pub(crate) carries_json: bool,
    pub(crate) volume: usize,
    pub(crate) retry_delay: Duration,
    pub(crate) patience: Duration,
    pub(crate) quiet: Duration,
}

impl ChannelCapabilities {
    /// Returns the capabilities of an adapter that meets every requirement. Tests that need [`durable`](Self::durable)
    /// or [`carries_json`](Self::carries_json) are not enabled.
    pub fn full() -> Self {
        Self {
            exactly_once: true,
            fifo: true,
            max_message_len: usize::MAX,
            drains: true,
            refuses_after_shutdown: true,
            durable: false,
            carries_json: false,
            volume: 10_000,
            retry_delay: Duration::from_millis(20),
            patience: Duration::from_secs(10),
            quiet: Duration::from_millis(40),
        }
    }

    /// Allows the adapter to deliver a message again although its handler succeeded (SQS standard queues, EventBridge).
    #[must_use]
    pub fn at_least_once(self) -> Self {
        Self { exactly_once: false, ..self }
    }

    /// Allows messages on channels without ordering to overtake each other, even if no message is retried (SQS standard
    /// queues, EventBridge).
    #[must_use]
    pub fn in_any_order(self) -> Self {
        Self { fifo: false, ..self }
    }

    /// Sets the maximum size of messages in bytes (EventBridge: 256 KiB). The adapter may reject larger messages
    /// permanently, with [`Rejected`](castore_core::channel::PublishError::Rejected). Defaults to no maximum.
    #[must_use]
    pub fn max_message_len(self, bytes: usize) -> Self {
        Self { max_message_len: bytes, ..self }
    }

    /// Allows a shutdown to leave unhandled messages in the broker, for the next consumer.
    #[must_use]
    pub fn shutdown_leaves_messages(self) -> Self {
        Self { drains: false, ..self }
    }

    /// Allows publishing after a shutdown of the consuming side.
    #[must_use]
    pub fn publishes_after_shutdown(self) -> Self {
        Self { refuses_after_shutdown: false, ..self }
    }

    /// Declares that messages survive their consumers: messages of a killed consumer are redelivered, and messages that
    /// are published without a consumer wait for the next consumer. This enables additional tests, which use
    /// [`kill`](super::QueueConsumer::kill).
    #[must_use]
    pub fn durable(self) -> Self {
        Self { durable: true, ..self }
    }

    /// Declares that the adapter carries every message as JSON, so that any message can reach a consumer that cannot
    /// decode it. By default, only notifications about stored events can reach such a consumer. Enables additional
    /// tests, which publish state-carrying messages that the consumer cannot decode.
    #[must_use]
    pub fn carries_json(self) -> Self {
        Self { carries_json: true, ..self }
    }

    /// Sets the number of messages that the volume test publishes. Defaults to 10,000. With 0, the test is skipped.
    #[must_use]
    pub fn volume(self, messages: usize) -> Self {
        Self { volume: messages, ..self }
    }

    /// Sets the delay before each retry (SQS: whole seconds). Defaults to 20 ms.
    #[must_use]
    pub fn retry_delay(self, delay: Duration) -> Self {
        Self { retry_delay: delay, ..self }
    }

    /// Sets the maximum time for the delivery of a message. Defaults to 10 s.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sets the time for which the kit waits to detect messages that must not arrive. Defaults to 40 ms.
    #[must_use]
    pub fn quiet(self, quiet: Duration) -> Self {
        Self { quiet, ..self }
    }
}

impl Default for ChannelCapabilities {
    fn default() -> Self {
        Self::full()
    }
}
