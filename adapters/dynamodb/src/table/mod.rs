//! Creating the table.

mod create;
mod description;
mod error;

pub use create::CreateTableOptions;
pub use error::CreateTableError;
