use crate::RequestError;

/// Why a table's stream cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// DynamoDB rejected the request, or is unavailable.
    #[error("the stream of table {table_name} cannot be read")]
    Request {
        /// The table.
        table_name: String,
        /// The error of the request.
        #[source]
        error: RequestError,
    },
    /// The table has no stream, or none any more.
    #[error("table {table_name} has no stream")]
    NoStream {
        /// The table.
        table_name: String,
    },
    /// The stream does not show items as they are after the change.
    #[error("the stream of table {table_name} shows {view}, but NEW_IMAGE or NEW_AND_OLD_IMAGES is needed")]
    NoNewImages {
        /// The table.
        table_name: String,
        /// What it shows.
        view: String,
    },
    /// The table has another stream than the one that was read up to now: it was switched off and on again, or the
    /// table was made anew. What was stored in between is in neither.
    #[error("table {table_name} has stream {found}, but what is to be read is {expected}")]
    OtherStream {
        /// The table.
        table_name: String,
        /// The ARN of the stream that the cursors are of.
        expected: String,
        /// The ARN of the table's stream.
        found: String,
    },
    /// The stream does not have the next records any more: it keeps them for 24 hours. Events were missed.
    #[error("records of shard {shard_id} of the stream of table {table_name} were trimmed before they were read")]
    Trimmed {
        /// The table.
        table_name: String,
        /// The shard.
        shard_id: String,
    },
}

impl StreamError {
    /// Whether reading on would pass over events: they must come from somewhere else than the stream.
    pub fn is_gap(&self) -> bool {
        matches!(self, Self::OtherStream { .. } | Self::Trimmed { .. })
    }
}
