//! In-memory read models, for tests and for programs without a database. Their store is the reference implementation
//! of `ReadModelStore`.

mod projection;
mod read_models;
mod state;
mod store;

pub use self::projection::InMemoryProjection;
pub use self::read_models::InMemoryReadModels;
