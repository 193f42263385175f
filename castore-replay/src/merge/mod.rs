//! The events of event stores, merged by timestamp without holding them all.
//!
//! A store is scanned aggregate by aggregate, in the order of their initial events; an aggregate is open from its
//! first event until its last. What comes next is found by comparing places: of the next event of each open aggregate,
//! of the next aggregate to open, of the next page of aggregates. Whatever has the smallest place is done first, so
//! that no event is poured while an earlier one may still be unread.

mod budget;
mod merge_key;
mod open;
mod resumed;
mod run;
mod scan;

pub(crate) use run::{Merge, MergeOptions};
pub(crate) use scan::{Scan, StoreScan};
