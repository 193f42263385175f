//! Pushing and reading events.

mod aggregate_id;
mod check;
mod delete;
mod group;
mod insert_group;
mod isolation;
mod known;
mod known_group;
mod list;
mod outcome;
mod parts;
mod push;
mod read;
mod read_within;
mod refusal;
mod statements;
mod transact;
mod values;
mod within;

pub(crate) use aggregate_id::{AggregateId, AggregateIdText};
pub(crate) use delete::delete_aggregate;
pub(crate) use group::push_event_group;
pub(crate) use list::list_aggregate_ids;
pub(crate) use outcome::rejected;
pub(crate) use push::push_event;
pub(crate) use read::{get_events, read_rows, read_value, visit_events};
pub(crate) use read_within::read_within;
pub(crate) use statements::{Statements, id_parameter, initial_event_index_columns};
pub(crate) use transact::{check_names, read_side_rows, transact, without_nul};
pub(crate) use values::{JsonText, Moment};
pub(crate) use within::push_within;
