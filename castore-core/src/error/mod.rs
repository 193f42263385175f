//! Common parts of the errors and builders of all crates.

mod error_chain;
mod invalid_option;

pub use error_chain::error_chain;
pub use invalid_option::InvalidOptionError;
