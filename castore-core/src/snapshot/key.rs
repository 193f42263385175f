use crate::event::{Event, EventType};
use crate::event_sourced::EventSourced;
use crate::hash;

/// The key of a snapshot. A snapshot with another state shape or reducer version has another key, so a lookup with this
/// key never finds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SnapshotKey {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The id of the aggregate, as text.
    pub aggregate_id: String,
    /// The hash of the state's shape: [`EventSourced::state_shape`](crate::event_sourced::EventSourced::state_shape).
    /// If the event enum has a variant with `#[event(other)]`, the hash also covers the event types that the enum
    /// reads.
    pub state_shape: u64,
    /// The version of the reducer:
    /// [`EventSourced::REDUCER_VERSION`](crate::event_sourced::EventSourced::REDUCER_VERSION).
    pub reducer_version: u32,
}

impl SnapshotKey {
    /// Returns the key of the snapshots of an aggregate of event store `S`.
    pub fn of<S: EventSourced>(aggregate_id: impl Into<String>) -> Self {
        Self {
            event_store_id: S::EVENT_STORE_ID,
            aggregate_id: aggregate_id.into(),
            state_shape: state_shape::<S>(),
            reducer_version: S::REDUCER_VERSION,
        }
    }
}

/// Returns the state shape for the key of a snapshot. If the event enum reads undeclared event types, the declared
/// types are part of the shape, in any order. Once the enum declares a formerly undeclared type, a state that was
/// computed without this declaration is wrong, because the reducer now handles events of this type.
fn state_shape<S: EventSourced>() -> u64 {
    type Types<S> = <<S as EventSourced>::Event as Event>::EventType;
    if Types::<S>::OTHER.is_none() {
        return S::state_shape();
    }
    let mut names: Vec<&str> = Types::<S>::RETIRED.to_vec();
    for event_type in Types::<S>::ALL {
        names.push(event_type.as_str());
        names.extend(event_type.retired_names());
    }
    names.sort_unstable();
    let shape = hash::extend(hash::EMPTY, &S::state_shape().to_le_bytes());
    // The names are separated by a byte that never occurs in UTF-8 text.
    names.iter().fold(shape, |shape, name| hash::extend(hash::extend(shape, name.as_bytes()), &[0xff]))
}
