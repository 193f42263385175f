use std::error::Error;

use castore_core::consumer::HandlerError;
use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::errors::PostgresError;

/// Returns whether the error is a failure of the database, with which other events would fail as well.
pub(super) fn is_outage(error: &HandlerError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error.source());
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<tokio_postgres::Error>() {
            return is_outage_of_driver(error);
        }
        if let Some(error) = error.downcast_ref::<PostgresError>() {
            return error.driver().is_none_or(is_outage_of_driver);
        }
        if error.is::<PoolError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn is_outage_of_driver(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        // An error of the driver itself: the connection was lost, or a statement was used incorrectly.
        None => error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>()),
        Some(code) => {
            // Connection, authorization, transaction rollback, resources, operator intervention, system error.
            ["08", "28", "40", "53", "57", "58"].iter().any(|class| code.code().starts_with(class))
                || [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::LOCK_NOT_AVAILABLE, SqlState::READ_ONLY_SQL_TRANSACTION]
                    .contains(code)
        }
    }
}
