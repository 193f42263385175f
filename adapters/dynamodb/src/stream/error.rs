use crate::RequestError;

/// An error that occurred while the stream of a table was being read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// DynamoDB rejected the request, or is unavailable.
    #[error("could not read the stream of table {table_name}")]
    Request {
        /// The name of the table.
        table_name: String,
        /// The error of the request.
        #[source]
        error: RequestError,
    },
    /// The table has no stream, or its stream was disabled.
    #[error("table {table_name} has no stream; enable one with view type NEW_IMAGE or NEW_AND_OLD_IMAGES")]
    NoStream {
        /// The name of the table.
        table_name: String,
    },
    /// The stream records do not contain the new images of items.
    #[error("the stream of table {table_name} has view type {view}, but NEW_IMAGE or NEW_AND_OLD_IMAGES is required")]
    NoNewImages {
        /// The name of the table.
        table_name: String,
        /// The view type of the stream.
        view: String,
    },
    /// The cursors belong to another stream, usually an earlier one of the table: the stream was disabled and enabled
    /// again, or the table was created again. Neither stream contains the events that were stored in between.
    #[error(
        "table {table_name} has stream {found}, but was last read from stream {expected}, so events may have been \
         missed; read them from the table, or start the relay with `OnGap::Backfill`"
    )]
    OtherStream {
        /// The name of the table.
        table_name: String,
        /// The ARN of the cursors' stream.
        expected: String,
        /// The ARN of the table's stream.
        found: String,
    },
    /// The next records have expired from the stream, which keeps records for 24 hours. Events were missed.
    #[error(
        "records of shard {shard_id} of the stream of table {table_name} expired before they were read, so events were \
         missed; read them from the table, or start the relay with `OnGap::Backfill`"
    )]
    Trimmed {
        /// The name of the table.
        table_name: String,
        /// The id of the shard.
        shard_id: String,
    },
}

impl StreamError {
    /// Returns whether events are missing from the stream. These events must be read from another source, such as the
    /// table.
    pub fn is_gap(&self) -> bool {
        matches!(self, Self::OtherStream { .. } | Self::Trimmed { .. })
    }
}
