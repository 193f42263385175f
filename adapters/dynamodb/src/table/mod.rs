//! Creating tables.

mod create;
mod description;
mod error;
mod own;

pub use create::CreateTableOptions;
pub use error::CreateTableError;
pub(crate) use own::OwnTable;
