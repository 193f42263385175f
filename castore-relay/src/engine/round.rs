use std::collections::{HashMap, HashSet, VecDeque};

use castore_core::log::LogEntry;

use super::batch::{Batch, aggregate_of};
use super::call::Failure;
use super::progress::Outage;
use super::rejection::Rejection;

/// One attempt to publish the pending events of a batch. A round consists of the calls to make. Each call is a list of
/// event indexes.
///
/// If an event fails, the rest of the round excludes its aggregate, so that no later event overtakes the failed one.
#[derive(Debug)]
pub(super) struct Round {
    calls: VecDeque<Vec<usize>>,
    /// The event stores and ids of the excluded aggregates.
    held: HashSet<(String, String)>,
    outage: Option<Outage>,
}

impl Round {
    /// Plans the calls for the pending events of a batch. If the batch requires separate calls, each call has only one
    /// message. Otherwise, if the adapter preserves the order of each aggregate within a call when a message is
    /// rejected, there is one call. In all other cases, each call has at most one message per aggregate.
    pub(super) fn plan(batch: &Batch, preserves_order: bool) -> Self {
        let calls = if batch.publishes_one_per_call() {
            batch.pending_indexes().map(|index| vec![index]).collect()
        } else if preserves_order {
            VecDeque::from([batch.pending_indexes().collect()])
        } else {
            one_message_per_aggregate(batch)
        };
        Self { calls, held: HashSet::new(), outage: None }
    }

    /// Takes the next call, with at most `max` messages. The remaining messages become another call.
    pub(super) fn next_call(&mut self, batch: &Batch, max: usize) -> Option<Vec<usize>> {
        loop {
            let mut call = self.calls.pop_front()?;
            if !self.held.is_empty() || !batch.rejections().is_empty() {
                call.retain(|index| self.includes(batch, *index));
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

    /// Returns whether an event is pending and its aggregate has not failed in this round.
    pub(super) fn includes(&self, batch: &Batch, index: usize) -> bool {
        batch.is_pending(index) && batch.entry(index).is_some_and(|entry| !self.is_held(entry))
    }

    /// Records the failure of an event that is included in the round. After a transient failure, the rest of the round
    /// excludes the aggregate. After a permanent failure, returns the rejection.
    pub(super) fn fail<'b>(&mut self, batch: &'b mut Batch, index: usize, failure: Failure) -> Option<&'b Rejection> {
        match failure {
            Failure::Permanent(error) => batch.reject(index, error),
            Failure::Transient(error) => {
                self.held.insert(aggregate_of(batch.entry(index)?));
                self.outage = Some(Outage { error, is_call_too_large: false });
                None
            }
        }
    }

    fn is_held(&self, entry: &LogEntry) -> bool {
        !self.held.is_empty() && self.held.contains(&aggregate_of(entry))
    }

    /// Ends the round, because every other call would fail, too.
    pub(super) fn end(&mut self, outage: Outage) {
        self.calls.clear();
        self.outage = Some(outage);
    }

    pub(super) fn into_outage(self) -> Option<Outage> {
        self.outage
    }
}

fn one_message_per_aggregate(batch: &Batch) -> VecDeque<Vec<usize>> {
    let mut calls: VecDeque<Vec<usize>> = VecDeque::new();
    let mut calls_of: HashMap<(&str, &str), usize> = HashMap::new();
    for (index, entry) in batch.pending_indexes().filter_map(|index| Some((index, batch.entry(index)?))) {
        let call = calls_of.entry((&entry.event_store_id, &entry.event.aggregate_id)).or_default();
        match calls.get_mut(*call) {
            Some(call) => call.push(index),
            None => calls.push_back(vec![index]),
        }
        *call += 1;
    }
    calls
}
