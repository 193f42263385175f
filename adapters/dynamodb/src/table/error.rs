use std::time::Duration;

use crate::RequestError;

/// Why a table is not there, or not ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateTableError {
    /// DynamoDB rejected the request, or is unavailable.
    #[error("the request for table {table_name} failed")]
    Request {
        /// The table.
        table_name: String,
        /// The error of the request.
        #[source]
        error: RequestError,
    },
    /// There is a table of this name, but events cannot be kept in it. It was not changed.
    #[error("table {table_name} exists, but {difference}")]
    Different {
        /// The table.
        table_name: String,
        /// What is different.
        difference: String,
    },
    /// It takes DynamoDB longer than was to be waited for. The table may be ready later.
    #[error("table {table_name} is not ready after {waited:?}")]
    NotReady {
        /// The table.
        table_name: String,
        /// How long it was waited for.
        waited: Duration,
    },
}
