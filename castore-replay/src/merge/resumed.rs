//! The events that are already poured, if the pour resumes an earlier run.

use castore_core::time::Timestamp;

use crate::report::ResumePosition;

/// The end of the earlier run, relative to one store of the collection.
#[derive(Debug)]
pub(super) enum Resumed {
    /// The pour does not resume an earlier run.
    Not,
    /// The last poured event belongs to a later store of the collection: all events of this store up to and including
    /// the timestamp of that event are poured.
    Through(Timestamp),
    /// The last poured event belongs to an earlier store of the collection: all events of this store before the
    /// timestamp of that event are poured.
    Before(Timestamp),
    /// The last poured event belongs to this store. `passed` is true after the aggregate of that event was listed.
    Here { place: ResumePosition, passed: bool },
}

/// The lower bound of the events of an aggregate that are not poured yet.
#[derive(Debug, Clone, Copy)]
pub(super) enum Floor {
    All,
    From(Timestamp),
    After(Timestamp),
    AfterVersion(u64),
}

impl Resumed {
    /// Returns the end of the earlier run, relative to the store at `index`. The last poured event belongs to the store
    /// at `last`, and `place` is its position there.
    pub(super) fn at(index: usize, last: usize, place: &ResumePosition) -> Self {
        match index.cmp(&last) {
            std::cmp::Ordering::Less => Self::Through(place.timestamp),
            std::cmp::Ordering::Equal => Self::Here { place: place.clone(), passed: false },
            std::cmp::Ordering::Greater => Self::Before(place.timestamp),
        }
    }

    /// Returns the lower bound for the next aggregate in the list. Must be called for each aggregate, in the order of
    /// the list. Events with equal timestamps are poured in that order: if an aggregate is listed before the aggregate
    /// of the last poured event, its events with that timestamp are already poured.
    pub(super) fn floor(&mut self, aggregate_id: &str, initial: Timestamp) -> Floor {
        match self {
            Self::Not => Floor::All,
            Self::Through(timestamp) => Floor::After(*timestamp),
            Self::Before(timestamp) => Floor::From(*timestamp),
            Self::Here { place, passed: true } => Floor::From(place.timestamp),
            Self::Here { place, passed } => {
                if aggregate_id == place.aggregate_id {
                    *passed = true;
                    Floor::AfterVersion(place.version)
                } else if initial > place.initial_event_timestamp {
                    *passed = true;
                    Floor::From(place.timestamp)
                } else {
                    Floor::After(place.timestamp)
                }
            }
        }
    }
}

impl Floor {
    pub(super) fn passes(self, timestamp: Timestamp, version: u64) -> bool {
        match self {
            Self::All => true,
            Self::From(floor) => timestamp >= floor,
            Self::After(floor) => timestamp > floor,
            Self::AfterVersion(floor) => version > floor,
        }
    }
}
