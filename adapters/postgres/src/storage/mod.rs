//! Pushing and reading events.

mod aggregate_id;
mod check;
mod group;
mod list;
mod outcome;
mod push;
mod read;
mod statements;
mod values;

pub(crate) use group::push_event_group;
pub(crate) use list::list_aggregate_ids;
pub(crate) use push::push_event;
pub(crate) use read::{get_events, visit_events};
pub(crate) use statements::{Statements, initial_event_index_columns};
