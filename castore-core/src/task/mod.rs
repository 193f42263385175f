//! Background tasks and their shutdown: the parts that consumers, relays and projections share. For authors of adapters.

mod background_task;
mod counter;
mod signal;

pub use background_task::{BackgroundTask, TaskPanicked};
pub use counter::{CountedTask, TaskCounter};
pub use signal::Signal;
