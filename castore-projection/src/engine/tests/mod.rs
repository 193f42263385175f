//! Tests of the engine with simulated time and injected faults, on the in-memory read models.

mod failures;
mod following;
mod model;
mod requests;
mod support;
mod takeover;
