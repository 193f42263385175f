//! What a pour tells: its answer, how far it is, why it stopped, and where to resume.

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
