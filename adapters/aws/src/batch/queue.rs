//! Which entries may be sent next.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use super::{BatchEntry, BatchLimits, EntryTooLargeError, Rejection};

/// An entry that waits, or is on its way.
pub(super) struct Waiting<E> {
    pub(super) content: Arc<E>,
    bytes: usize,
    pub(super) attempts: u32,
    /// It was in a batch that was refused for what was in it, and has to show that it was not at fault.
    pub(super) alone: bool,
}

/// The entries that are not settled.
pub(super) struct Queue<E> {
    limits: BatchLimits,
    /// By index; `None` when it is settled.
    pub(super) entries: Vec<Option<Waiting<E>>>,
    /// What may be sent now. Where order is kept, never two of one group.
    ready: VecDeque<usize>,
    /// For each entry the one of its group that may be sent once it is published.
    next: Vec<Option<usize>>,
}

impl<E> Queue<E> {
    /// And why some are refused before anything is sent, by index. Those of their groups that come later are not held back
    /// yet.
    pub(super) fn new<G: Eq + Hash>(
        entries: Vec<BatchEntry<G, E>>,
        limits: BatchLimits,
    ) -> (Self, Vec<(usize, Rejection)>) {
        let mut queue = Self { limits, entries: Vec::new(), ready: VecDeque::new(), next: vec![None; entries.len()] };
        let mut refused = Vec::new();
        let mut last_of_group = HashMap::new();
        for (index, BatchEntry { group, content, bytes }) in entries.into_iter().enumerate() {
            let content = content.and_then(|content| {
                let limit = limits.bytes;
                if bytes <= limit {
                    Ok(content)
                } else {
                    Err(Rejection::permanent(EntryTooLargeError { bytes, limit }))
                }
            });
            let before = if limits.ordered { last_of_group.insert(group, index) } else { None };
            match before.and_then(|before| queue.next.get_mut(before)) {
                Some(next) => *next = Some(index),
                None => queue.ready.push_back(index),
            }
            match content {
                Ok(content) => {
                    let content = Arc::new(content);
                    queue.entries.push(Some(Waiting { content, bytes, attempts: 0, alone: false }));
                }
                Err(refusal) => {
                    queue.entries.push(None);
                    refused.push((index, refusal));
                }
            }
        }
        queue.ready.retain(|index| queue.entries.get(*index).is_some_and(Option::is_some));
        (queue, refused)
    }

    /// The next batch, as many entries as may go together.
    pub(super) fn next_batch(&mut self) -> Option<Vec<(usize, Arc<E>)>> {
        let mut batch = Vec::new();
        let mut bytes = 0_usize;
        while let Some(&index) = self.ready.front() {
            let Some(Some(entry)) = self.entries.get(index) else {
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

    /// An entry is published: the next of its group may go.
    pub(super) fn published(&mut self, index: usize) {
        self.settle(index);
        if let Some(next) = self.next.get(index).copied().flatten() {
            self.ready.push_back(next);
        }
    }

    /// An entry may be sent once more, before others that were not sent at all.
    pub(super) fn again(&mut self, indexes: &[usize]) {
        for index in indexes.iter().rev() {
            self.ready.push_front(*index);
        }
    }

    /// An entry is refused: it, and those of its group that come later, are not sent any more. Answers the latter.
    pub(super) fn refuse(&mut self, index: usize) -> Vec<usize> {
        self.settle(index);
        let next = |index: &usize| self.next.get(*index).copied().flatten();
        let later: Vec<_> = std::iter::successors(next(&index), next).collect();
        later.into_iter().filter(|index| self.settle(*index)).collect()
    }

    /// All that are not settled are settled now.
    pub(super) fn settle_rest(&mut self) -> Vec<usize> {
        (0..self.entries.len()).filter(|index| self.settle(*index)).collect()
    }

    /// Whether it was not settled before.
    fn settle(&mut self, index: usize) -> bool {
        self.entries.get_mut(index).is_some_and(|entry| entry.take().is_some())
    }
}
