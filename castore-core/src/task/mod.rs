//! Background tasks and their shutdown: common parts of consumers, relays and projections. For authors of adapters.

mod background_task;
mod counter;
mod signal;

pub use background_task::{BackgroundTask, TaskPanicked};
pub use counter::{CountedTask, TaskCounter};
pub use signal::Signal;
