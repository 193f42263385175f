//! Connections to the server, and the identity of its database.

mod identity;
mod pool;
#[cfg(feature = "rustls")]
mod tls;

pub(crate) use identity::storage_id;
pub(crate) use pool::{PoolOptions, configured, pool};
#[cfg(feature = "rustls")]
pub(crate) use tls::rustls_connector;
