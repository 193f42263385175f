pub(crate) use castore_core::message::{AGGREGATE_EXISTS, REPLAYED};

/// The reason for rejecting a message about an event of type `__REPLAYED__` or `__AGGREGATE_EXISTS__`. Listeners would
/// mistake such an event for a replay or for an aggregate-exists message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "events of type {event_type} cannot be published on EventBridge, because castore uses this name as a detail type of its own; rename the event type"
)]
#[non_exhaustive]
pub struct ReservedEventTypeError {
    /// The reserved type.
    pub event_type: &'static str,
}

/// Returns the detail type of a message. `event_type` is the type of the event, or `None` for a message without an
/// event.
pub(super) fn detail_type(event_type: Option<&str>, replay: bool) -> Result<&str, ReservedEventTypeError> {
    let Some(event_type) = event_type else { return Ok(AGGREGATE_EXISTS) };
    for reserved in [REPLAYED, AGGREGATE_EXISTS] {
        if event_type == reserved {
            return Err(ReservedEventTypeError { event_type: reserved });
        }
    }
    Ok(if replay { REPLAYED } else { event_type })
}
