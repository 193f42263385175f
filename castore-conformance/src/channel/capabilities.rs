use std::time::Duration;

/// What a message channel adapter can do. The default, and [`full`](Self::full), is everything; each method here
/// waives one demand, or tells how patient the kit has to be.
#[derive(Debug, Clone)]
pub struct ChannelCapabilities {
    pub(crate) exactly_once: bool,
    pub(crate) fifo: bool,
    pub(crate) max_message_len: usize,
    pub(crate) drains: bool,
    pub(crate) refuses_after_shutdown: bool,
    pub(crate) durable: bool,
    pub(crate) volume: usize,
    pub(crate) retry_delay: Duration,
    pub(crate) patience: Duration,
    pub(crate) quiet: Duration,
}

impl ChannelCapabilities {
    /// All that the kit asks.
    pub fn full() -> Self {
        Self {
            exactly_once: true,
            fifo: true,
            max_message_len: usize::MAX,
            drains: true,
            refuses_after_shutdown: true,
            durable: false,
            volume: 10_000,
            retry_delay: Duration::from_millis(20),
            patience: Duration::from_secs(10),
            quiet: Duration::from_millis(40),
        }
    }

    /// A message may come again though its handler succeeded (SQS standard queues, EventBridge).
    #[must_use]
    pub fn at_least_once(self) -> Self {
        Self { exactly_once: false, ..self }
    }

    /// On channels without order, messages may overtake one another even if none is tried again (SQS standard
    /// queues, EventBridge).
    #[must_use]
    pub fn in_any_order(self) -> Self {
        Self { fifo: false, ..self }
    }

    /// Messages have that many bytes at most (EventBridge: 256 KiB). Longer ones must be refused, as
    /// [`Rejected`](castore_core::channel::PublishError::Rejected) for good.
    #[must_use]
    pub fn max_message_len(self, bytes: usize) -> Self {
        Self { max_message_len: bytes, ..self }
    }

    /// A shutdown leaves messages that were not yet handled with the broker, for the next consumer.
    #[must_use]
    pub fn shutdown_leaves_messages(self) -> Self {
        Self { drains: false, ..self }
    }

    /// The publishing side goes on after a shutdown of the consuming side.
    #[must_use]
    pub fn publishes_after_shutdown(self) -> Self {
        Self { refuses_after_shutdown: false, ..self }
    }

    /// Messages outlive their consumers: what a killed one had comes again, and what is published while there is none
    /// waits for the next. More is asked of such adapters, with [`kill`](super::QueueConsumer::kill).
    #[must_use]
    pub fn durable(self) -> Self {
        Self { durable: true, ..self }
    }

    /// How many messages the kit publishes to see that none is lost among many, in place of 10 000.
    #[must_use]
    pub fn volume(self, messages: usize) -> Self {
        Self { volume: messages, ..self }
    }

    /// The delay of retries that the kit asks for, in place of 20 ms (SQS: whole seconds).
    #[must_use]
    pub fn retry_delay(self, delay: Duration) -> Self {
        Self { retry_delay: delay, ..self }
    }

    /// How long a message may be on its way, in place of 10 s.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How long the kit listens for messages that must not come, in place of 40 ms.
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
