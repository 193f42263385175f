//! Merges the events of event stores by timestamp, without keeping all of them in memory.
//!
//! A store is scanned aggregate by aggregate, in the order of their initial events. An aggregate is open from its first
//! event to its last. The next step is the one with the smallest key, of three kinds: the next event of an open
//! aggregate, opening the next aggregate, and reading the next page of aggregates. So no event is poured while an
//! earlier one may still be unread.

mod budget;
mod merge_key;
mod open;
mod resumed;
mod run;
mod scan;

pub(crate) use run::{Merge, MergeOptions};
pub(crate) use scan::{Scan, StoreScan};
