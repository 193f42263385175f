//! Determines which events were already poured by the run that is resumed.

use castore_core::time::Timestamp;

use crate::report::ResumePosition;

/// The end of the earlier run, from the view of one store.
#[derive(Debug)]
pub(super) enum Resumed {
    /// The pour does not resume an earlier run.
    Not,
    /// The last event was of a later store of the collection: all events up to its timestamp are poured.
    Through(Timestamp),
    /// The last event was of an earlier store: all events before its timestamp are poured.
    Before(Timestamp),
    /// The last event was of this store. `passed` is true once its aggregate was listed.
    Here { place: ResumePosition, passed: bool },
}

/// The first event of an aggregate that is not poured yet.
#[derive(Debug, Clone, Copy)]
pub(super) enum Floor {
    All,
    From(Timestamp),
    After(Timestamp),
    AfterVersion(u64),
}

impl Resumed {
    /// Returns the state of store number `index`, if the last event was of store number `last`.
    pub(super) fn at(index: usize, last: usize, place: &ResumePosition) -> Self {
        match index.cmp(&last) {
            std::cmp::Ordering::Less => Self::Through(place.timestamp),
            std::cmp::Ordering::Equal => Self::Here { place: place.clone(), passed: false },
            std::cmp::Ordering::Greater => Self::Before(place.timestamp),
        }
    }

    /// Returns the floor of the next aggregate in the list. Must be called for each aggregate, in the order of the
    /// list: events with equal timestamps are poured in that order, so the events of aggregates before the last one are
    /// already poured.
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
