use crate::event::{Event, EventType};
use crate::event_sourced::EventSourced;
use crate::hash;

/// The key of a snapshot. A snapshot with another state shape or reducer version has another key, so it is never found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SnapshotKey {
    /// The event store.
    pub event_store_id: &'static str,
    /// The aggregate, as text.
    pub aggregate_id: String,
    /// The hash of the state's fields: [`EventSourced::state_shape`](crate::event_sourced::EventSourced::state_shape).
    /// If the event enum has a variant with `#[event(other)]`, also the hash of the event types that the enum reads.
    pub state_shape: u64,
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

/// A state that was computed from an event of an undeclared type is wrong as soon as the enum declares the type: the
/// reducer then handles the event. So the declared types are part of the shape, in any order.
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
    // A byte that is in no UTF-8 text separates the names.
    names.iter().fold(shape, |shape, name| hash::extend(hash::extend(shape, name.as_bytes()), &[0xff]))
}
