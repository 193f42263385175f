//! Reads, which run on their own threads and connections.

mod events;
mod list;
mod pool;

pub(crate) use self::events::{event_of, read_events, visit_events};
pub(crate) use self::list::list_aggregate_ids;
pub(crate) use self::pool::{Pool, Source, run};
