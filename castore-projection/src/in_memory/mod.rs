//! In-memory read models, for tests and for programs without a database. They are the reference implementation.

mod projection;
mod read_models;
mod state;
mod store;

pub use self::projection::InMemoryProjection;
pub use self::read_models::InMemoryReadModels;
