//! The queue of the entries that a call of `publish_in_batches` still has to send.

use std::collections::VecDeque;
use std::sync::Arc;

use castore_core::channel::OrderedPublish;

use super::BatchLimits;

/// An entry that is waiting or in flight.
pub(super) struct Waiting<E> {
    content: Arc<E>,
    bytes: usize,
    attempts: u32,
    /// Whether the entry was part of a batch that the service rejected because of its content. Such an entry is sent
    /// alone, so that only invalid entries are rejected.
    alone: bool,
}

impl<E> Waiting<E> {
    pub(super) fn new(content: E, bytes: usize) -> Self {
        Self { content: Arc::new(content), bytes, attempts: 0, alone: false }
    }
}

/// The unfinished entries and the order in which they are sent.
pub(super) struct Queue<E> {
    limits: BatchLimits,
    /// The entries by index, or `None` for entries that already have an outcome.
    entries: Vec<Option<Waiting<E>>>,
    /// The entries that may be sent now. On an ordered service, the queue contains at most one entry of each group.
    ready: VecDeque<usize>,
}

impl<E> Queue<E> {
    pub(super) fn new(entries: Vec<Option<Waiting<E>>>, ready: &[usize], limits: BatchLimits) -> Self {
        Self { limits, entries, ready: ready.iter().copied().collect() }
    }

    /// Takes the next batch, which is as large as the limits allow. Returns `None` if no entry is ready. Drops queued
    /// entries that the ledger no longer allows to send.
    pub(super) fn next_batch(&mut self, ledger: &OrderedPublish) -> Option<Vec<(usize, Arc<E>)>> {
        let mut batch = Vec::new();
        let mut bytes = 0_usize;
        while let Some(&index) = self.ready.front() {
            let entry = self.entries.get(index).and_then(Option::as_ref).filter(|_| ledger.may_send(index));
            let Some(entry) = entry else {
                self.ready.pop_front();
                continue;
            };
            let larger = bytes.saturating_add(entry.bytes);
            let fits = batch.len() < self.limits.entries && larger <= self.limits.bytes && !entry.alone;
            if !batch.is_empty() && !fits {
                break;
            }
            bytes = larger;
            batch.push((index, entry.content.clone()));
            self.ready.pop_front();
            if entry.alone {
                break;
            }
        }
        if batch.is_empty() { None } else { Some(batch) }
    }

    /// Appends an entry to the queue.
    pub(super) fn push(&mut self, index: usize) {
        self.ready.push_back(index);
    }

    /// Inserts entries that are retried at the front of the queue.
    pub(super) fn push_again(&mut self, indexes: &[usize]) {
        for index in indexes.iter().rev() {
            self.ready.push_front(*index);
        }
    }

    /// Counts a failed attempt. Returns the number of attempts so far, or `None` if no attempt is left.
    pub(super) fn count_attempt(&mut self, index: usize, max_attempts: u32) -> Option<u32> {
        let entry = self.entries.get_mut(index)?.as_mut()?;
        entry.attempts = entry.attempts.saturating_add(1);
        Some(entry.attempts).filter(|attempts| *attempts < max_attempts)
    }

    /// Marks an entry so that it is sent in a batch of its own.
    pub(super) fn send_alone(&mut self, index: usize) {
        if let Some(Some(entry)) = self.entries.get_mut(index) {
            entry.alone = true;
        }
    }

    /// Drops the content of an entry that has an outcome.
    pub(super) fn remove(&mut self, index: usize) {
        if let Some(entry) = self.entries.get_mut(index) {
            *entry = None;
        }
    }
}
