//! The engine with simulated time and injected faults. The read model is the one in memory.

mod failures;
mod following;
mod model;
mod support;
mod takeover;
