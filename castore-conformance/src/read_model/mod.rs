//! What every [`ReadModelStore`](castore_projection::engine::ReadModelStore) must do, by topic: each function is one
//! behavior and panics if the store does not have it.
//!
//! [`read_model_conformance!`](crate::read_model_conformance) writes a test for each. The store is tested with one read
//! model, whose handler the factory implements for its database: the number of events of each aggregate.

mod case;
mod erased;
mod event;
mod factory;
mod list;

pub mod applying;
pub mod concurrency;
pub mod fencing;
pub mod parking;
pub mod swapping;

pub use erased::ErasedStore;
pub use event::CountedEvent;
pub use factory::{FreshReadModels, NAME, ReadModelDatabase, ReadModelFactory};
pub use list::{BEHAVIOURS, Behaviour};
