//! The log of all events of a storage, in a total order in which no reader misses an event.

mod checkpoint_event;
mod entry;
mod event_log;
mod filter;
mod logged;
mod read_model;
mod wake_ups;

pub use checkpoint_event::CheckpointEvent;
pub use entry::{BlockedBy, LogEnd, LogEntry, LogPage};
pub use event_log::{EventLog, LogId};
pub use filter::{LogFilter, LogQuery, OneAggregate};
pub use logged::{CarriesNotifications, Logged};
pub use read_model::ReadModel;
pub use wake_ups::WakeUps;
