//! In-memory read models: the reference implementation, for tests and for programs without a database.

mod projection;
mod read_models;
mod state;
mod store;

pub use self::projection::InMemoryProjection;
pub use self::read_models::InMemoryReadModels;
