use std::borrow::Cow;

use castore_core::storage::{PushOptions, PushReceipt, RawEvent, StorageError};
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// An event and its event store.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) event_store_id: Cow<'static, str>,
    pub(crate) event: RawEvent,
}

/// The writes of one caller, which are stored as a whole or not at all.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) writes: Vec<Write>,
    pub(super) options: PushOptions,
    reply: oneshot::Sender<Result<Vec<PushReceipt>, StorageError>>,
    slot: Slot,
}

/// A slot for one unfinished job or task. Dropping this value frees the slot.
pub(super) type Slot = OwnedSemaphorePermit;

pub(super) type Answer = oneshot::Receiver<Result<Vec<PushReceipt>, StorageError>>;

impl Job {
    pub(super) fn new(writes: Vec<Write>, options: PushOptions, slot: Slot) -> (Self, Answer) {
        let (reply, answer) = oneshot::channel();
        (Self { writes, options, reply, slot }, answer)
    }

    /// Returns whether the caller no longer waits for the result. Such a job need not be executed.
    pub(super) fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    pub(super) fn answer(self, result: Result<Vec<PushReceipt>, StorageError>) {
        // The slot is freed before the result is sent, so that a caller that pushes again immediately finds a free
        // slot.
        drop(self.slot);
        // Sending fails if the caller no longer waits for the result.
        let _ = self.reply.send(result);
    }

    pub(super) fn weight(&self) -> Weight {
        Weight { events: self.writes.len(), bytes: self.writes.iter().map(Write::bytes).sum() }
    }
}

impl Write {
    fn bytes(&self) -> usize {
        let json = |value: &Option<Box<RawValue>>| value.as_ref().map_or(0, |json| json.get().len());
        self.event.aggregate_id.len() + json(&self.event.payload) + json(&self.event.metadata)
    }
}

/// The amount of work in jobs, which bounds the duration of a transaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) events: usize,
    pub(super) bytes: usize,
}

impl Weight {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { events: self.events + other.events, bytes: self.bytes.saturating_add(other.bytes) }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self { events: self.events.saturating_sub(other.events), bytes: self.bytes.saturating_sub(other.bytes) }
    }

    pub(super) fn within(self, limit: Self) -> bool {
        self.events <= limit.events && self.bytes <= limit.bytes
    }
}
