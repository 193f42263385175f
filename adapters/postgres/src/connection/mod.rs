//! Connections to the server, and the identity of its database.

mod identity;
mod pool;
mod shared;
#[cfg(feature = "rustls")]
mod tls;

pub(crate) use identity::{current_schema, is_here, isolated, storage_id};
pub(crate) use pool::{PoolOptions, configured, pool};
pub(crate) use shared::Shared;
#[cfg(feature = "rustls")]
pub(crate) use tls::rustls_connector;
