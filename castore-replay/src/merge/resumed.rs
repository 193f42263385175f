//! Which events were poured by the run that is resumed.

use castore_core::time::Timestamp;

use crate::report::ResumePosition;

/// For a store: where the earlier run ended.
#[derive(Debug)]
pub(super) enum Resumed {
    /// There was none.
    Not,
    /// The last event was of a later store of the collection: all events up to its timestamp are poured.
    Through(Timestamp),
    /// It was of an earlier store: all events before its timestamp are poured.
    Before(Timestamp),
    /// It was of this store. `passed` says whether its aggregate has been listed.
    Here { place: ResumePosition, passed: bool },
}

/// For an aggregate: its first event that is not poured yet.
#[derive(Debug, Clone, Copy)]
pub(super) enum Floor {
    All,
    From(Timestamp),
    After(Timestamp),
    AfterVersion(u64),
}

impl Resumed {
    /// The place of the store numbered `index` when the last event was of the store numbered `last`.
    pub(super) fn at(index: usize, last: usize, place: &ResumePosition) -> Self {
        match index.cmp(&last) {
            std::cmp::Ordering::Less => Self::Through(place.timestamp),
            std::cmp::Ordering::Equal => Self::Here { place: place.clone(), passed: false },
            std::cmp::Ordering::Greater => Self::Before(place.timestamp),
        }
    }

    /// The floor of the next aggregate in the list. To be asked for each, in the order of the list: events of one
    /// timestamp are poured in that order, so those of aggregates listed before the last one's are poured.
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
