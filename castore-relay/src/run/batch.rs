use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use castore_runtime::log::LogEntry;
use castore_runtime::relay::ParkedAggregate;

use crate::outbox::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Still to be published.
    Unsent,
    /// Published.
    Sent,
    /// Left to the parked aggregate that it belongs to.
    Left,
}

/// Events on their way to the channel, and how far they have come. What is published stays published when others fail:
/// only the rest is published again.
#[derive(Debug)]
pub(crate) struct Batch {
    entries: Vec<LogEntry>,
    places: Vec<Place>,
    unsent: usize,
    /// Where the relay is when nothing of it is published.
    before: u64,
    parked: Vec<ParkedAggregate>,
    one_by_one: bool,
    /// Whether the checkpoint moves with it.
    is_live: bool,
}

/// One go at what is left of a batch: the calls to make, each a list of events by their index. An aggregate that fails
/// takes no part in the rest of them.
#[derive(Debug)]
pub(crate) struct Round {
    calls: VecDeque<Vec<usize>>,
    held: HashSet<(String, String)>,
    pub(crate) failure: Option<String>,
}

impl Round {
    /// Ends the round: no other call would do better.
    pub(crate) fn end(&mut self, failure: String) {
        self.calls.clear();
        self.failure = Some(failure);
    }

    fn is_held(&self, entry: &LogEntry) -> bool {
        !self.held.is_empty() && self.held.contains(&aggregate_of(entry))
    }
}

fn aggregate_of(entry: &LogEntry) -> (String, String) {
    (entry.event_store_id.as_ref().to_owned(), entry.event.aggregate_id.clone())
}

impl Batch {
    /// The next events of the log, after the checkpoint `before`. `is_parked` says which are left to a parked aggregate.
    pub(crate) fn live(entries: Vec<LogEntry>, before: u64, is_parked: impl Fn(&LogEntry) -> bool) -> Self {
        let places: Vec<_> =
            entries.iter().map(|entry| if is_parked(entry) { Place::Left } else { Place::Unsent }).collect();
        let unsent = places.iter().filter(|place| **place == Place::Unsent).count();
        Self { entries, places, unsent, before, parked: Vec::new(), one_by_one: false, is_live: true }
    }

    /// Events of a parked aggregate: the checkpoint is beyond them.
    pub(crate) fn of_parked(entries: Vec<LogEntry>) -> Self {
        Self { is_live: false, ..Self::live(entries, 0, |_| false) }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.is_live
    }

    /// The first event that is still to be published.
    pub(crate) fn first_unsent(&self) -> Option<&LogEntry> {
        let first = self.places.iter().position(|place| *place == Place::Unsent)?;
        self.entries.get(first)
    }

    pub(crate) fn entry(&self, index: usize) -> &LogEntry {
        &self.entries[index]
    }

    pub(crate) fn is_done(&self) -> bool {
        self.unsent == 0
    }

    /// Everything up to here is published or parked. Always the position of an event that was read.
    pub(crate) fn position(&self) -> u64 {
        let done = self.places.iter().position(|place| *place == Place::Unsent).unwrap_or(self.places.len());
        self.entries[..done].last().map_or(self.before, |entry| entry.position)
    }

    /// Aggregates that were parked by the events of the batch.
    pub(crate) fn parked(&self) -> &[ParkedAggregate] {
        &self.parked
    }

    pub(crate) fn into_parked(self) -> Vec<ParkedAggregate> {
        self.parked
    }

    /// From now on each message is published by itself.
    pub(crate) fn one_by_one(&mut self) {
        self.one_by_one = true;
    }

    /// How to publish what is left: in one call, if the adapter keeps the order of each aggregate in it whatever fails;
    /// else in waves, each with one message per aggregate.
    pub(crate) fn round(&self, holds_back: bool) -> Round {
        let unsent = self.places.iter().enumerate().filter(|(_, place)| **place == Place::Unsent);
        let unsent = unsent.map(|(index, _)| index);
        let calls: Vec<Vec<usize>> = if self.one_by_one {
            unsent.map(|index| vec![index]).collect()
        } else if holds_back {
            vec![unsent.collect()]
        } else {
            let mut waves: Vec<Vec<usize>> = Vec::new();
            let mut sizes: HashMap<(&str, &str), usize> = HashMap::new();
            for index in unsent {
                let entry = &self.entries[index];
                let size = sizes.entry((&entry.event_store_id, &entry.event.aggregate_id)).or_default();
                match waves.get_mut(*size) {
                    Some(wave) => wave.push(index),
                    None => waves.push(vec![index]),
                }
                *size += 1;
            }
            waves
        };
        Round { calls: calls.into(), held: HashSet::new(), failure: None }
    }

    /// The next call of a round, with so many messages at most: what is more is left to the call after it.
    pub(crate) fn next_call(&self, round: &mut Round, most: usize) -> Option<Vec<usize>> {
        loop {
            let mut call = round.calls.pop_front()?;
            if !round.held.is_empty() || !self.parked.is_empty() {
                call.retain(|index| self.takes_part(*index, round));
            }
            if call.len() > most.max(1) {
                let rest = call.split_off(most.max(1));
                round.calls.push_front(rest);
            }
            if !call.is_empty() {
                return Some(call);
            }
        }
    }

    /// Whether an event is still to be published in this round.
    pub(crate) fn takes_part(&self, index: usize, round: &Round) -> bool {
        self.places[index] == Place::Unsent && !round.is_held(&self.entries[index])
    }

    pub(crate) fn sent(&mut self, index: usize) {
        if self.places[index] == Place::Unsent {
            self.places[index] = Place::Sent;
            self.unsent -= 1;
        }
    }

    /// An event was not published, and no earlier one of its aggregate failed in this round. `retry_in` is when to try
    /// its aggregate again, if it is parked.
    pub(crate) fn failed(&mut self, index: usize, failure: &Failure, round: &mut Round, retry_in: Duration) {
        match failure {
            Failure::Transient(text) => {
                round.held.insert(aggregate_of(&self.entries[index]));
                round.failure = Some(text.clone());
            }
            Failure::Permanent(text) => self.park(index, text, retry_in),
        }
    }

    fn park(&mut self, index: usize, error: &str, retry_in: Duration) {
        let entry = &self.entries[index];
        let (event_store_id, aggregate_id) = aggregate_of(entry);
        let parked = ParkedAggregate {
            next_position: entry.position,
            version: entry.event.version,
            attempts: 1,
            error: error.to_owned(),
            next_attempt_in: retry_in,
            dropped: false,
            event_store_id,
            aggregate_id,
        };
        for (entry, place) in self.entries.iter().zip(&mut self.places).skip(index) {
            let is_of_it = *entry.event_store_id == *parked.event_store_id
                && entry.event.aggregate_id == parked.aggregate_id
                && *place == Place::Unsent;
            if is_of_it {
                *place = Place::Left;
                self.unsent -= 1;
            }
        }
        self.parked.push(parked);
    }
}
