use castore_core::consumer::HandlerError;
use castore_core::error::error_chain;
use castore_core::event::DecodeEventError;
use castore_core::log::LogEntry;

use crate::ProjectionError;

/// Why an event was not applied.
#[derive(Debug)]
pub enum Rejection {
    /// The handler failed, or panicked.
    Handler(HandlerError),
    /// The event is not what its store declares.
    Decode(Box<DecodeEventError>),
}

impl Rejection {
    /// Whether another attempt would fail in the same way.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Handler(error) => error.is_permanent(),
            Self::Decode(_) => true,
        }
    }

    /// The text of the error. A text that panics is replaced: a bug there must not end the projection.
    pub fn text(&self) -> String {
        match self {
            Self::Handler(error) => error.words(),
            Self::Decode(error) => error_chain(&**error),
        }
    }

    /// The error of a projection that gives up on this event.
    pub(super) fn into_error(self, projection: &str, event: &LogEntry) -> ProjectionError {
        let projection = projection.to_owned();
        match self {
            Self::Decode(source) => ProjectionError::Decode { projection, source },
            Self::Handler(error) => ProjectionError::Handler {
                projection,
                event_store_id: event.event_store_id.to_string(),
                aggregate_id: event.event.aggregate_id.clone(),
                version: event.event.version,
                position: event.position,
                source: error.into_source(),
            },
        }
    }
}
