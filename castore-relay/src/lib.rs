//! The relay of [castore](https://docs.rs/castore): use that crate, which re-exports this one.
#![forbid(unsafe_code)]

mod admin;
mod builder;
mod error;
mod options;
mod outbox;
mod relay;
mod run;
mod status;

pub use admin::RelayAdmin;
pub use builder::RelayBuilder;
pub use error::RelayError;
pub use options::RelayStart;
pub use outbox::RelayedOn;
pub use relay::Relay;
pub use status::{RelayRole, RelayStatus};
