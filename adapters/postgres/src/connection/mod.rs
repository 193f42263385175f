//! How the server is reached, and which database it turns out to be.

mod identity;
mod pool;
#[cfg(feature = "rustls")]
mod tls;

pub(crate) use identity::storage_id;
pub(crate) use pool::{PoolOptions, configured, pool};
#[cfg(feature = "rustls")]
pub(crate) use tls::rustls_connector;
