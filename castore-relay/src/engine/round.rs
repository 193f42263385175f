use std::collections::{HashSet, VecDeque};

use castore_core::log::LogEntry;

use super::{Batch, Outage};

/// One attempt to publish the pending events of a batch: the calls to make, each a list of indexes of events.
///
/// An aggregate whose event fails takes no part in the rest of the round, so that none of its later events overtakes it.
#[derive(Debug)]
pub(super) struct Round {
    calls: VecDeque<Vec<usize>>,
    /// Event store and aggregate.
    held: HashSet<(String, String)>,
    outage: Option<Outage>,
}

impl Round {
    pub(super) fn new(calls: Vec<Vec<usize>>) -> Self {
        Self { calls: calls.into(), held: HashSet::new(), outage: None }
    }

    /// Takes the next call, with `max` messages at most. The rest becomes the call after it.
    pub(super) fn next_call(&mut self, batch: &Batch, max: usize) -> Option<Vec<usize>> {
        loop {
            let mut call = self.calls.pop_front()?;
            if !self.held.is_empty() || !batch.rejections().is_empty() {
                call.retain(|index| batch.takes_part(*index, self));
            }
            if call.len() > max.max(1) {
                let rest = call.split_off(max.max(1));
                self.calls.push_front(rest);
            }
            if !call.is_empty() {
                return Some(call);
            }
        }
    }

    /// Excludes the aggregate of an event from the rest of the round.
    pub(super) fn hold(&mut self, entry: &LogEntry, error: String) {
        self.held.insert(aggregate_of(entry));
        self.outage = Some(Outage { error, is_call_too_large: false });
    }

    pub(super) fn is_held(&self, entry: &LogEntry) -> bool {
        !self.held.is_empty() && self.held.contains(&aggregate_of(entry))
    }

    /// Ends the round: every other call would fail, too.
    pub(super) fn end(&mut self, outage: Outage) {
        self.calls.clear();
        self.outage = Some(outage);
    }

    pub(super) fn into_outage(self) -> Option<Outage> {
        self.outage
    }
}

/// The event store and the aggregate of an event.
pub(super) fn aggregate_of(entry: &LogEntry) -> (String, String) {
    (entry.event_store_id.as_ref().to_owned(), entry.event.aggregate_id.clone())
}
