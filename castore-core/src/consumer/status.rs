use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::metrics::{Measurement, instruments};

/// Statistics of a consumer since it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ConsumerStatus {
    /// The number of handlers that are running now.
    pub in_flight: usize,
    /// The number of messages that were handled or skipped.
    pub handled: u64,
    /// The number of failed attempts. A message that is retried counts once for each failed attempt.
    pub failed_attempts: u64,
    /// The number of failed attempts after which the message was retried.
    pub retries: u64,
    /// The number of messages that became dead letters.
    pub dead_letters: u64,
    /// The number of messages that this program could not decode, and that were acknowledged because they passed no
    /// filter.
    pub ignored: u64,
    /// Whether the consumer receives messages. `false` if the last request for messages failed. Always `true` for
    /// in-memory adapters.
    pub is_receiving: bool,
}

impl ConsumerStatus {
    /// Returns this status as measurements of a consumer of the given channel. This method is for implementations of
    /// [`ServicePart::measure`](crate::service::ServicePart::measure).
    pub fn measurements(&self, message_channel_id: &str) -> Vec<Measurement> {
        [
            Measurement::total(&instruments::HANDLED_MESSAGES, self.handled),
            Measurement::total(&instruments::FAILED_ATTEMPTS, self.failed_attempts),
            Measurement::total(&instruments::RETRIES, self.retries),
            Measurement::total(&instruments::DEAD_LETTERS, self.dead_letters),
            Measurement::total(&instruments::IGNORED_MESSAGES, self.ignored),
            Measurement::amount(&instruments::RUNNING_HANDLERS, self.in_flight as u64),
            Measurement::flag(&instruments::RECEIVING_CONSUMERS, self.is_receiving),
        ]
        .into_iter()
        .map(|measurement| measurement.with(instruments::DESTINATION_NAME, message_channel_id))
        .collect()
    }
}

/// The counters behind a [`ConsumerStatus`]. They are independent of each other, so relaxed ordering is enough.
#[derive(Debug, Default)]
pub struct Counters {
    in_flight: AtomicUsize,
    handled: AtomicU64,
    failed_attempts: AtomicU64,
    retries: AtomicU64,
    dead_letters: AtomicU64,
    ignored: AtomicU64,
    /// The opposite of [`ConsumerStatus::is_receiving`], so that the default value `false` stands for a receiving
    /// consumer.
    is_cut_off: AtomicBool,
}

impl Counters {
    /// Returns the current counts.
    pub fn status(&self) -> ConsumerStatus {
        ConsumerStatus {
            in_flight: self.in_flight.load(Ordering::Relaxed),
            handled: self.handled.load(Ordering::Relaxed),
            failed_attempts: self.failed_attempts.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            dead_letters: self.dead_letters.load(Ordering::Relaxed),
            ignored: self.ignored.load(Ordering::Relaxed),
            is_receiving: !self.is_cut_off.load(Ordering::Relaxed),
        }
    }

    /// Counts a handler as running until the returned guard is dropped. Thus a handler whose future is dropped no
    /// longer counts.
    pub(super) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    pub(super) fn handled(&self) {
        self.handled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed_attempts.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn set_receiving(&self, is_receiving: bool) {
        self.is_cut_off.store(!is_receiving, Ordering::Relaxed);
    }

    pub(super) fn ignored(&self) {
        self.ignored.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a dead letter.
    pub fn dead_letter(&self) {
        self.dead_letters.fetch_add(1, Ordering::Relaxed);
    }
}

pub(super) struct InFlight<'a>(&'a Counters);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
