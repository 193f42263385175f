//! Which entries are sent next.

use std::collections::VecDeque;
use std::sync::Arc;

use castore_core::channel::OrderedPublish;

use super::BatchLimits;

/// An entry that waits, or is in flight.
pub(super) struct Waiting<E> {
    content: Arc<E>,
    bytes: usize,
    attempts: u32,
    /// It was in a batch that the service refused for its content. It is sent alone, so that only an entry with a fault is
    /// rejected.
    alone: bool,
}

impl<E> Waiting<E> {
    pub(super) fn new(content: E, bytes: usize) -> Self {
        Self { content: Arc::new(content), bytes, attempts: 0, alone: false }
    }
}

/// The entries that can still be sent, and the order in which they are.
pub(super) struct Queue<E> {
    limits: BatchLimits,
    /// By index; `None` once the entry has an outcome.
    entries: Vec<Option<Waiting<E>>>,
    /// The entries that may be sent now. Where order is kept, never two of one group.
    ready: VecDeque<usize>,
}

impl<E> Queue<E> {
    pub(super) fn new(entries: Vec<Option<Waiting<E>>>, ready: &[usize], limits: BatchLimits) -> Self {
        Self { limits, entries, ready: ready.iter().copied().collect() }
    }

    /// Takes the next batch: as many entries as may go together. Entries that were rejected in the meantime are dropped.
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

    /// Adds an entry behind those that wait.
    pub(super) fn push(&mut self, index: usize) {
        self.ready.push_back(index);
    }

    /// Adds entries that were sent before, in front of those that were not.
    pub(super) fn push_again(&mut self, indexes: &[usize]) {
        for index in indexes.iter().rev() {
            self.ready.push_front(*index);
        }
    }

    /// Counts a failed attempt. Returns the number of attempts so far, if there are any left.
    pub(super) fn count_attempt(&mut self, index: usize, max_attempts: u32) -> Option<u32> {
        let entry = self.entries.get_mut(index)?.as_mut()?;
        entry.attempts = entry.attempts.saturating_add(1);
        Some(entry.attempts).filter(|attempts| *attempts < max_attempts)
    }

    /// From now on the entry is in a batch of its own.
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
