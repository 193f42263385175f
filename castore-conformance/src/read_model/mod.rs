//! The behaviors of implementations of [`ReadModelStore`](castore_projection::engine::ReadModelStore), by topic. Each
//! function tests one behavior and panics if the store does not have it.
//!
//! [`read_model_conformance!`](crate::read_model_conformance) generates a test for each behavior. The tests use one
//! read model, which counts the events of each aggregate. The author of the store implements the handler of this read
//! model for the database.

mod case;
mod erased;
mod event;
mod factory;
mod list;

pub mod applying;
pub mod concurrency;
pub mod fencing;
pub mod live;
pub mod parking;
pub mod requests;
pub mod swapping;

pub use erased::ErasedStore;
pub use event::CountedEvent;
pub use factory::{FreshReadModels, NAME, ReadModelDatabase, ReadModelFactory};
pub use list::{BEHAVIORS, Behavior};
