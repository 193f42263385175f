//! Connections to the server, and the identity of its database.

mod identity;
mod pool;
mod shared;
#[cfg(feature = "rustls")]
mod tls;

pub(crate) use identity::Identity;
pub(crate) use pool::{PoolOptions, configured, pool};
pub(crate) use shared::{Ability, Shared};
#[cfg(feature = "rustls")]
pub(crate) use tls::rustls_connector;
