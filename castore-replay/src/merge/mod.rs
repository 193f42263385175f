//! A merge of the events of event stores by timestamp, which does not keep all events in memory.
//!
//! The aggregates of a store are opened in the order of their initial events. An aggregate is open from its first event
//! to its last event. There are three kinds of steps: pouring the next event of an open aggregate, opening the next
//! aggregate, and reading the next page of aggregates. The step with the smallest `MergeKey` is always next. Therefore,
//! no event is poured while an earlier event may still be unread.

mod budget;
mod merge_key;
mod open;
mod resumed;
mod run;
mod scan;

pub(crate) use run::{Merge, MergeOptions};
pub(crate) use scan::{Scan, StoreScan};
