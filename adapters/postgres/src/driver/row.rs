use tokio_postgres::types::FromSql;

use super::DriverError;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use super::sqlx;

/// A row of a result. All values are in the binary format.
pub(crate) enum Row {
    Native(tokio_postgres::Row),
    #[cfg(feature = "sqlx-0_8")]
    Sqlx08(sqlx::v08::SqlxRow),
    #[cfg(feature = "sqlx-0_9")]
    Sqlx09(sqlx::v09::SqlxRow),
}

impl Row {
    /// Decodes the value of a column. All drivers use the conversions of `tokio_postgres`.
    pub(crate) fn try_get<'a, T: FromSql<'a>>(&'a self, column: usize) -> Result<T, DriverError> {
        match self {
            Self::Native(row) => row.try_get(column).map_err(DriverError::Native),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(row) => row.try_get(column),
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(row) => row.try_get(column),
        }
    }
}
