use std::collections::HashSet;
use std::convert::Infallible;

use async_trait::async_trait;
use castore_runtime::log::LogEntry;

use super::{Call, Failure, Outbox};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Still to be published.
    Unsent,
    /// Published.
    Sent,
    /// Behind an event of its aggregate that can never be published.
    Left,
}

/// Events on their way to the channel, and how far they have come. What is published stays published when others fail:
/// only the rest is published again.
#[derive(Debug)]
pub(crate) struct Delivery {
    entries: Vec<LogEntry>,
    places: Vec<Place>,
    refused: Vec<Refused>,
    one_by_one: bool,
}

/// An event that can never be published.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) event_store_id: String,
    pub(crate) aggregate_id: String,
    pub(crate) version: u64,
    pub(crate) error: String,
}

/// What must be seen to before the channel's adapter is called, or an aggregate loaded.
#[async_trait]
pub(crate) trait BeforeCall: Send {
    /// Why it is not called.
    type Error;

    async fn before_call(&mut self) -> Result<(), Self::Error>;
}

/// Nothing must.
#[derive(Debug)]
pub(crate) struct Always;

#[async_trait]
impl BeforeCall for Always {
    type Error = Infallible;

    async fn before_call(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

type Aggregate = (String, String);

impl Delivery {
    /// Events, those of each aggregate in their order.
    pub(crate) fn new(entries: Vec<LogEntry>) -> Self {
        let places = vec![Place::Unsent; entries.len()];
        Self { entries, places, refused: Vec::new(), one_by_one: false }
    }

    pub(crate) fn is_done(&self) -> bool {
        !self.places.contains(&Place::Unsent)
    }

    /// The events that were not published, by their places in what was given.
    pub(crate) fn not_sent(&self) -> impl Iterator<Item = usize> {
        self.places.iter().enumerate().filter(|(_, place)| **place != Place::Sent).map(|(index, _)| index)
    }

    pub(crate) fn sent(&self) -> usize {
        self.places.iter().filter(|place| **place == Place::Sent).count()
    }

    /// The first event that is still to be published.
    pub(crate) fn first_unsent(&self) -> Option<&LogEntry> {
        let first = self.places.iter().position(|place| *place == Place::Unsent)?;
        self.entries.get(first)
    }

    /// The first events of their aggregates that can never be published; the later ones were left.
    pub(crate) fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// The next call: of each aggregate one event, or all where the adapter keeps their order whatever fails.
    fn call(&self, holds_back: bool, held: &HashSet<Aggregate>) -> Vec<usize> {
        let mut seen = HashSet::new();
        let mut call = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            if self.places.get(index) != Some(&Place::Unsent) || (!held.is_empty() && held.contains(&of(entry))) {
                continue;
            }
            if holds_back || seen.insert((&*entry.event_store_id, &*entry.event.aggregate_id)) {
                call.push(index);
            }
            if self.one_by_one {
                break;
            }
        }
        call
    }

    /// Tries to publish what is left. `before` is asked before each call of the adapter, and before each event that may
    /// need a load. Answers what failed that heals by itself, if anything did.
    pub(crate) async fn round<B: BeforeCall>(
        &mut self,
        outbox: &mut dyn Outbox,
        before: &mut B,
    ) -> Result<Option<String>, B::Error> {
        let mut held = HashSet::new();
        let mut outage = None;
        loop {
            let call = self.call(outbox.holds_back() && !self.one_by_one, &held);
            if call.is_empty() {
                return Ok(outage);
            }
            let mut added = Vec::with_capacity(call.len());
            for index in call {
                let Some(entry) = self.entries.get(index).filter(|_| self.places.get(index) == Some(&Place::Unsent))
                else {
                    continue;
                };
                before.before_call().await?;
                match outbox.add(entry).await {
                    Ok(()) => added.push(index),
                    Err(Failure::Permanent(error)) => self.refuse(index, error, outbox),
                    Err(Failure::Transient(error)) => {
                        // The storage fails: the next load would take as long to fail.
                        outbox.reset();
                        return Ok(Some(error));
                    }
                }
            }
            if added.is_empty() {
                continue;
            }
            before.before_call().await?;
            match outbox.publish().await {
                Call::Published(mut failures) => {
                    failures.sort_by_key(|(at, _)| *at);
                    let failed: HashSet<usize> = failures.iter().map(|(at, _)| *at).collect();
                    for (_, index) in added.iter().enumerate().filter(|(at, _)| !failed.contains(at)) {
                        self.set(*index, Place::Sent);
                    }
                    for (at, failure) in failures {
                        let Some(&index) = added.get(at) else { continue };
                        self.failed(index, failure, outbox, &mut held, &mut outage);
                    }
                }
                Call::Failed(error) => {
                    outbox.reset();
                    return Ok(Some(error));
                }
                Call::OneByOne => {
                    outbox.reset();
                    self.one_by_one = true;
                }
            }
        }
    }

    /// Of each aggregate the first that fails decides.
    fn failed(
        &mut self,
        index: usize,
        failure: Failure,
        outbox: &mut dyn Outbox,
        held: &mut HashSet<Aggregate>,
        outage: &mut Option<String>,
    ) {
        let Some(entry) = self.entries.get(index) else { return };
        let aggregate = of(entry);
        if self.places.get(index) != Some(&Place::Unsent) || held.contains(&aggregate) {
            return;
        }
        match failure {
            Failure::Permanent(error) => self.refuse(index, error, outbox),
            Failure::Transient(error) => {
                outbox.forget(&aggregate.0, &aggregate.1);
                held.insert(aggregate);
                *outage = Some(error);
            }
        }
    }

    fn refuse(&mut self, index: usize, error: String, outbox: &mut dyn Outbox) {
        let Some(entry) = self.entries.get(index) else { return };
        let (event_store_id, aggregate_id) = of(entry);
        outbox.forget(&event_store_id, &aggregate_id);
        for (entry, place) in self.entries.iter().zip(&mut self.places).skip(index) {
            let is_of_it = *entry.event_store_id == *event_store_id && entry.event.aggregate_id == aggregate_id;
            if is_of_it && *place == Place::Unsent {
                *place = Place::Left;
            }
        }
        self.refused.push(Refused { event_store_id, aggregate_id, version: entry.event.version, error });
    }

    fn set(&mut self, index: usize, to: Place) {
        if let Some(place) = self.places.get_mut(index) {
            *place = to;
        }
    }
}

fn of(entry: &LogEntry) -> Aggregate {
    (entry.event_store_id.as_ref().to_owned(), entry.event.aggregate_id.clone())
}
