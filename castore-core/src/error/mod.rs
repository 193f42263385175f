//! Parts that the errors and builders of all crates share.

mod error_chain;
mod invalid_option;

pub use error_chain::error_chain;
pub use invalid_option::InvalidOptionError;
