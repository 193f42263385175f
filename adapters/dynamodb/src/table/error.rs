use std::time::Duration;

use crate::RequestError;

/// An error that occurred while a table was being created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateTableError {
    /// DynamoDB rejected the request, or is unavailable.
    #[error("the request for table {table_name} failed")]
    Request {
        /// The name of the table.
        table_name: String,
        /// The error of the request.
        #[source]
        error: RequestError,
    },
    /// A table of this name exists, but has a different definition. The table was not changed.
    #[error("table {table_name} exists, but {difference}")]
    Different {
        /// The name of the table.
        table_name: String,
        /// The difference.
        difference: String,
    },
    /// The table was not ready within the time limit, but may become ready later.
    #[error("table {table_name} is not ready after {waited:?}; try again later")]
    NotReady {
        /// The name of the table.
        table_name: String,
        /// The time limit.
        waited: Duration,
    },
}
