//! The reports of a pour: results, progress, errors and resume points.

mod error;
mod poured;
mod progress;
mod resume;

pub use error::{PourError, PourFailure};
pub use poured::{
    EventStoreScan, PouredAggregateEvents, PouredAggregateIds, PouredCollectionEvents, PouredEvents, ScannedAggregate,
};
pub use progress::PourProgress;
pub use resume::{AfterAggregateEvent, AfterAggregateId, AfterEvent};

pub(crate) use progress::OnProgress;
pub(crate) use resume::ResumePosition;
