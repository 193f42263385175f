//! The drivers: `tokio_postgres` with `deadpool_postgres`, and two versions of sqlx. The rest of the crate uses only
//! [`Pool`], [`Client`], [`Row`] and [`DriverError`], so all drivers share the same SQL.

mod beside;
mod client;
mod error;
mod native;
mod open;
mod pool;
mod row;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
pub(crate) mod sqlx;
mod supported;

pub(crate) use beside::{Beside, Connect, connect_like, connect_with};
pub(crate) use client::Client;
pub(crate) use error::{DriverError, ServerError};
pub(crate) use native::Native;
pub(crate) use open::OpenTransaction;
pub(crate) use pool::Pool;
pub(crate) use row::Row;
pub use supported::PostgresPool;
