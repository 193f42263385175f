use std::error::Error;

/// The error of an inbox. `E` is the error of the database driver.
///
/// The error texts contain no consumer names, and no ids or contents of messages. The exception is
/// [`Engine`](Self::Engine), whose text is the text of the driver.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError<E: Error + 'static> {
    /// The table cannot store the key of this message or the name of this consumer. A retry would fail, too.
    #[error("{engine} cannot record {what}")]
    Unsupported {
        /// The database system, for example `Postgres`.
        engine: &'static str,
        /// The value that cannot be recorded.
        what: String,
    },
    /// The table does not exist.
    #[error("the inbox table {table} does not exist; call `create_table` first")]
    MissingTable {
        /// The name of the table.
        table: String,
    },
    /// Another connection held a lock for longer than this connection waits. Retrying is safe.
    #[error("the database is locked by another connection; retrying is safe")]
    Busy(#[source] E),
    /// Any other error of the database.
    #[error(transparent)]
    Engine(E),
}

impl<E: Error + 'static> InboxError<E> {
    /// Converts the error of the driver, for code that handles the inboxes of several databases.
    pub fn map_engine<F: Error + 'static>(self, convert: impl FnOnce(E) -> F) -> InboxError<F> {
        match self {
            Self::Unsupported { engine, what } => InboxError::Unsupported { engine, what },
            Self::MissingTable { table } => InboxError::MissingTable { table },
            Self::Busy(error) => InboxError::Busy(convert(error)),
            Self::Engine(error) => InboxError::Engine(convert(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn display_does_not_repeat_the_source() {
        let busy = InboxError::Busy(io::Error::other("code 5"));
        assert!(!busy.to_string().contains("code 5"));
        assert_eq!(busy.source().map(ToString::to_string).as_deref(), Some("code 5"));
        let engine = InboxError::Engine(io::Error::other("disk full"));
        assert_eq!(engine.to_string(), "disk full");
        assert!(engine.source().is_none());
    }

    #[test]
    fn map_engine_keeps_the_variant() {
        let converted = InboxError::Busy(io::Error::other("code 5")).map_engine(|_| std::fmt::Error);
        assert!(matches!(converted, InboxError::Busy(std::fmt::Error)));
        let missing = InboxError::<io::Error>::MissingTable { table: "t".to_owned() }.map_engine(|_| std::fmt::Error);
        assert!(matches!(missing, InboxError::MissingTable { table } if table == "t"));
    }
}
