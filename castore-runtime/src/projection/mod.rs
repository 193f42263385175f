//! Read models that are fed from an event log: what those of all engines have in common. The engines' crates hold the
//! traits that a projection implements, and what runs it.

mod error;
mod parked;
mod policy;
mod status;

pub use error::{ProjectionError, WaitForError};
pub use parked::ParkedAggregate;
pub use policy::{OnFailure, ProjectionOptions};
pub use status::{ProjectionState, ProjectionStatus};
