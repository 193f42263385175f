use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

use castore_core::time::Timestamp;
use tracing::Instrument;

use super::budget::Budget;
use super::scan::Scan;
use crate::rate::Rate;
use crate::report::{
    AfterEvent, EventStoreScan, OnProgress, PourError, PourFailure, PouredCollectionEvents, ResumePosition,
};

/// The default number of aggregates in a page of the list.
const AGGREGATES: u64 = 100;

/// The default number of events that are read ahead.
const EVENTS_AHEAD: usize = 16_384;

/// The options of the pours that merge events by timestamp.
pub(crate) struct MergeOptions {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    pub(crate) rate: Rate,
    pub(crate) dry_run: bool,
    pub(crate) resume_from: Option<AfterEvent>,
    pub(crate) on_progress: OnProgress<AfterEvent>,
    pub(crate) events_ahead: usize,
    pub(crate) aggregates_per_page: u64,
}

impl MergeOptions {
    pub(crate) fn rate_limit(&mut self, per_second: NonZeroU32) {
        self.rate = Rate::per_second(per_second);
    }
}

impl Default for MergeOptions {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            rate: Rate::default(),
            dry_run: false,
            resume_from: None,
            on_progress: OnProgress::none(),
            events_ahead: EVENTS_AHEAD,
            aggregates_per_page: AGGREGATES,
        }
    }
}

/// A pour of one or more event stores, in the order of the timestamps of their events.
pub(crate) struct Merge {
    scans: Vec<Box<dyn Scan>>,
    options: MergeOptions,
    poured_event_count: u64,
    /// The number of events of each type that this run has poured, per store.
    event_types: Vec<BTreeMap<Cow<'static, str>, u64>>,
    /// The last event that this run or the resumed run has poured: the index of the event's store, and the position of
    /// the event.
    last: Option<(usize, ResumePosition)>,
}

impl Merge {
    pub(crate) fn new(scans: Vec<Box<dyn Scan>>, options: MergeOptions) -> Self {
        let event_types = vec![BTreeMap::new(); scans.len()];
        Self { scans, options, poured_event_count: 0, event_types, last: None }
    }

    pub(crate) async fn run(mut self) -> Result<PouredCollectionEvents, PourError<PouredCollectionEvents>> {
        let span = tracing::debug_span!("pour_events", event_stores = ?self.event_store_ids());
        match self.pour().instrument(span).await {
            Ok(()) => Ok(self.poured()),
            Err(failure) => Err(PourError::new(self.poured(), failure)),
        }
    }

    async fn pour(&mut self) -> Result<(), PourFailure> {
        self.begin()?;
        let mut budget = Budget::new(self.options.events_ahead);
        while let Some(index) = self.earliest() {
            let scan = &mut self.scans[index];
            let Some(ready) = scan.step(&mut budget).await? else { continue };
            if !self.options.dry_run {
                self.options.rate.wait().await;
                if let Err(source) = ready.publish.await {
                    return Err(PourFailure::Publish {
                        event_store_id: scan.event_store_id(),
                        aggregate_id: ready.place.aggregate_id,
                        version: Some(ready.place.version),
                        source,
                    });
                }
            }
            self.poured_event_count += 1;
            *self.event_types[index].entry(ready.event_type).or_default() += 1;
            let last = self.last.insert((index, ready.place));
            let scans = &self.scans;
            self.options.on_progress.report(self.poured_event_count, || resume_point(scans, last));
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), PourFailure> {
        if let Some(point) = self.options.resume_from.take() {
            let ids = self.event_store_ids();
            if point.event_store_ids != ids || point.event_store >= ids.len() {
                return Err(PourFailure::ForeignResumePoint {
                    expected: ids.join(", "),
                    found: point.event_store_ids.join(", "),
                });
            }
            self.last = Some((point.event_store, point.place));
        }
        let MergeOptions { from, to, aggregates_per_page, .. } = self.options;
        for (index, scan) in self.scans.iter_mut().enumerate() {
            let resumed = self.last.as_ref().map(|(last, place)| (index, *last, place));
            scan.begin(from, to, resumed, aggregates_per_page);
        }
        Ok(())
    }

    /// Returns the index of the store whose next step has the earliest timestamp (see `Scan::head`). If this is the
    /// case for several stores, returns the first of them. Ignores finished stores.
    fn earliest(&self) -> Option<usize> {
        let heads = self.scans.iter().enumerate().filter_map(|(index, scan)| Some((scan.head()?.timestamp, index)));
        heads.min().map(|(_, index)| index)
    }

    fn event_store_ids(&self) -> Vec<&'static str> {
        self.scans.iter().map(|scan| scan.event_store_id()).collect()
    }

    fn poured(&self) -> PouredCollectionEvents {
        PouredCollectionEvents {
            poured_event_count: self.poured_event_count,
            scans: self.scans.iter().zip(&self.event_types).map(|(scan, types)| scan_of(&**scan, types)).collect(),
            resume_point: self.last.as_ref().map(|last| resume_point(&self.scans, last)),
        }
    }
}

fn scan_of(scan: &dyn Scan, event_types: &BTreeMap<Cow<'static, str>, u64>) -> EventStoreScan {
    let poured_event_types = event_types.iter().map(|(event_type, count)| (event_type.to_string(), *count)).collect();
    EventStoreScan { poured_event_types, ..scan.scan() }
}

fn resume_point(scans: &[Box<dyn Scan>], (event_store, place): &(usize, ResumePosition)) -> AfterEvent {
    AfterEvent {
        event_store_ids: scans.iter().map(|scan| scan.event_store_id().to_owned()).collect(),
        event_store: *event_store,
        place: place.clone(),
    }
}
