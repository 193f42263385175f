//! Tests of rolling deployments: pods (running instances) of an old and a new version of a program run side by side,
//! and each event must be handled.
//!
//! Each version declares the event store and the queue in a separate module, with the same ids. Each pod pushes events
//! to the shared storage, and runs a relay and a worker. Only one of the relays publishes at a time. A test of the
//! storage uses the [`InProcessBroker`], and a test of a broker uses the in-memory storage.

mod changes;
mod factory;
mod pod;
mod verify;

pub use changes::{
    a_field_is_renamed, a_filter_is_widened, a_rust_type_is_renamed, a_state_field_is_added, a_type_is_added,
    a_type_is_retired, a_type_is_split,
};
pub use factory::{
    InProcessBroker, RollingBroker, RollingFactory, RollingQueue, RollingStorage, RollingWorker, World, patient,
};
