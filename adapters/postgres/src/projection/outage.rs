use std::error::Error;

use castore_core::consumer::HandlerError;
use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::driver::DriverError;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use crate::driver::sqlx;
use crate::errors::PostgresError;

/// Returns whether the error is a failure of the database that would also affect other events.
pub(super) fn is_outage(error: &HandlerError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error.source());
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<tokio_postgres::Error>() {
            return is_outage_of_driver(error.code(), is_unavailable(error));
        }
        #[cfg(feature = "sqlx-0_8")]
        if let Some(error) = error.downcast_ref::<sqlx_08::Error>() {
            let (code, is_unavailable) = sqlx::v08::cause(error);
            return is_outage_of_driver(code.as_ref(), is_unavailable);
        }
        #[cfg(feature = "sqlx-0_9")]
        if let Some(error) = error.downcast_ref::<sqlx_09::Error>() {
            let (code, is_unavailable) = sqlx::v09::cause(error);
            return is_outage_of_driver(code.as_ref(), is_unavailable);
        }
        if let Some(error) = error.downcast_ref::<PostgresError>() {
            return error.of_driver().is_none_or(|error| match error {
                DriverError::Native(error) => is_outage_of_driver(error.code(), is_unavailable(error)),
                #[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
                error => is_outage_of_driver(error.code(), error.is_closed()),
            });
        }
        if error.is::<PoolError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Returns whether the connection was lost. Otherwise, the error means that a statement was used incorrectly.
fn is_unavailable(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>())
}

fn is_outage_of_driver(code: Option<&SqlState>, is_unavailable: bool) -> bool {
    match code {
        // An error of the driver itself.
        None => is_unavailable,
        Some(code) => {
            // Connection, authorization, transaction rollback, resources, operator intervention, system error.
            ["08", "28", "40", "53", "57", "58"].iter().any(|class| code.code().starts_with(class))
                || [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::LOCK_NOT_AVAILABLE, SqlState::READ_ONLY_SQL_TRANSACTION]
                    .contains(code)
        }
    }
}
