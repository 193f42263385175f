use castore_core::consumer::HandlerError;
use castore_core::error::error_chain;
use castore_core::event::DecodeEventError;
use castore_core::log::LogEntry;

use crate::ProjectionError;

/// The reason why an event was not applied.
#[derive(Debug)]
pub enum Rejection {
    /// The handler failed, or panicked.
    Handler(HandlerError),
    /// The event does not match the types of its event store.
    Decode(Box<DecodeEventError>),
}

impl Rejection {
    /// Returns whether another attempt would fail in the same way.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Handler(error) => error.is_permanent(),
            Self::Decode(_) => true,
        }
    }

    /// Returns the text of the error. If user code panics while it formats the text, returns a fixed text, so that the
    /// panic does not end the projection.
    pub fn text(&self) -> String {
        match self {
            Self::Handler(error) => error.words(),
            Self::Decode(error) => error_chain(&**error),
        }
    }

    /// Creates the error of a projection that stops at this event.
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
