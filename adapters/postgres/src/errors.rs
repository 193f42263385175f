use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use castore_core::inbox::InvalidName;
use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

use crate::driver::DriverError;

/// An error of the driver, the pool or the server.
///
/// The text of this error omits the details, hints and context of the server's errors, because these quote rows and
/// parameters, which may be private. [`driver`](Self::driver) returns the full error of the native driver, and
/// `sqlx_0_8` and `sqlx_0_9` return the full error of sqlx.
pub struct PostgresError(Kind);

enum Kind {
    Driver(DriverError),
    /// A pool could not open a connection.
    Connect(DriverError),
    PoolClosed,
    Text(Cow<'static, str>),
}

impl PostgresError {
    pub(crate) fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self(Kind::Text(text.into()))
    }

    pub(crate) fn pool_closed() -> Self {
        Self(Kind::PoolClosed)
    }

    pub(crate) fn pool_timed_out() -> Self {
        Self::text("no connection of the pool was free within the `acquire_timeout`")
    }

    pub(crate) fn connect_timed_out() -> Self {
        Self::text("the server did not accept a connection within the `connect_timeout`")
    }

    pub(crate) fn connecting(error: DriverError) -> Self {
        Self(Kind::Connect(error))
    }

    pub(crate) fn is_pool_closed(&self) -> bool {
        matches!(self.0, Kind::PoolClosed)
    }

    /// Returns the SQLSTATE, if the server returned the error.
    pub fn code(&self) -> Option<&SqlState> {
        self.of_driver()?.code()
    }

    /// Returns the error of `tokio_postgres`, if `tokio_postgres` is the driver. Printing the error or its sources may
    /// reveal the data that was to be stored.
    pub fn driver(&self) -> Option<&tokio_postgres::Error> {
        match self.of_driver()? {
            DriverError::Native(error) => Some(error),
            #[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
            _ => None,
        }
    }

    /// Returns the error of sqlx 0.8, if sqlx 0.8 is the driver. Printing the error or its sources may reveal the data
    /// that was to be stored.
    #[cfg(feature = "sqlx-0_8")]
    #[cfg_attr(docsrs, doc(cfg(feature = "sqlx-0_8")))]
    pub fn sqlx_0_8(&self) -> Option<&sqlx_08::Error> {
        match self.of_driver()? {
            DriverError::Sqlx08(failure) => Some(failure.error()),
            _ => None,
        }
    }

    /// Returns the error of sqlx 0.9, if sqlx 0.9 is the driver. Printing the error or its sources may reveal the data
    /// that was to be stored.
    #[cfg(feature = "sqlx-0_9")]
    #[cfg_attr(docsrs, doc(cfg(feature = "sqlx-0_9")))]
    pub fn sqlx_0_9(&self) -> Option<&sqlx_09::Error> {
        match self.of_driver()? {
            DriverError::Sqlx09(failure) => Some(failure.error()),
            _ => None,
        }
    }

    pub(crate) fn of_driver(&self) -> Option<&DriverError> {
        match &self.0 {
            Kind::Driver(error) | Kind::Connect(error) => Some(error),
            Kind::PoolClosed | Kind::Text(_) => None,
        }
    }
}

impl From<DriverError> for PostgresError {
    fn from(error: DriverError) -> Self {
        Self(Kind::Driver(error))
    }
}

impl From<tokio_postgres::Error> for PostgresError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(Kind::Driver(error.into()))
    }
}

impl From<PoolError> for PostgresError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::connecting(error.into()),
            PoolError::Closed => Self::pool_closed(),
            PoolError::Timeout(TimeoutType::Wait) => Self::pool_timed_out(),
            PoolError::Timeout(_) => Self::connect_timed_out(),
            other => Self::text(other.to_string()),
        }
    }
}

impl fmt::Display for PostgresError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Text(text) => formatter.write_str(text),
            Kind::PoolClosed => formatter.write_str("the pool is closed"),
            Kind::Driver(error) => ServerMessage(error).fmt(formatter),
            Kind::Connect(error) => write!(formatter, "cannot connect: {}", ServerMessage(error)),
        }
    }
}

/// The text of a driver error, without parts that may be private.
struct ServerMessage<'a>(&'a DriverError);

impl fmt::Display for ServerMessage<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.server() {
            // Messages of class 22 quote the invalid value.
            Some(refused) if refused.code.code().starts_with("22") => {
                write!(formatter, "the server rejected a value (SQLSTATE {})", refused.code.code())
            }
            Some(refused) => {
                write!(formatter, "{} (SQLSTATE {})", refused.message, refused.code.code())?;
                // The names of prepared statements are only valid in one server session.
                match *refused.code {
                    SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::DUPLICATE_PSTATEMENT => {
                        formatter
                            .write_str(": the statement was prepared in another server session, as behind PgBouncer in transaction mode; ")?;
                        formatter.write_str(match self.0 {
                            DriverError::Native(_) => {
                                "build the adapter with `transaction_pooling(true)`, or use session mode"
                            }
                            #[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
                            _ => {
                                "use session mode, or an adapter with the native driver and `transaction_pooling(true)`"
                            }
                        })
                    }
                    _ => Ok(()),
                }
            }
            None => match self.0 {
                DriverError::Native(error) => match error.source() {
                    Some(source) => write!(formatter, "{error}: {source}"),
                    None => fmt::Display::fmt(error, formatter),
                },
                // The texts of sqlx contain those of their sources.
                #[cfg(feature = "sqlx-0_8")]
                DriverError::Sqlx08(failure) => fmt::Display::fmt(failure.error(), formatter),
                #[cfg(feature = "sqlx-0_9")]
                DriverError::Sqlx09(failure) => fmt::Display::fmt(failure.error(), formatter),
            },
        }
    }
}

impl fmt::Debug for PostgresError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PostgresError({self})")
    }
}

/// There is no source, because code that prints error chains would print the details that [`PostgresError`] omits.
impl Error for PostgresError {}

/// An error that occurred while an adapter was being created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The connection string is invalid.
    #[error("the connection string is invalid; write `postgresql://user@host/db` or `host=… user=… dbname=…`")]
    InvalidUrl(#[source] PostgresError),
    /// The name of a table or a schema is invalid.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// TLS could not be set up.
    #[error("cannot set up TLS")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
    /// The server is unavailable or rejected the login.
    #[error(transparent)]
    Engine(PostgresError),
}

/// An error that occurred while the event table, or another table of this crate, was being created, completed or
/// dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A table of that name exists, but it is not an event table.
    #[error(transparent)]
    OtherTable(Box<dyn Error + Send + Sync>),
    /// Another transaction has used the table for longer than the lock timeout, or another process has migrated the
    /// table for longer than the migration timeout.
    #[error("{table} is locked by another transaction; nothing was changed, so try again later")]
    Locked {
        /// The name of the table.
        table: String,
    },
    /// A required object is missing, and this role is not permitted to create it.
    #[error("{missing} is missing, and this role may not create it; use a role with the required privileges")]
    NotPermitted {
        /// The missing object.
        missing: String,
        /// The server's error.
        source: PostgresError,
    },
    /// The table lacks an index. Building the index without blocking writers requires a direct connection to the
    /// server. See [`transaction_pooling`](crate::PostgresEventStorageAdapterBuilder::transaction_pooling).
    #[error(
        "{missing} is missing, and cannot be built over a pooler in transaction mode; connect to the server directly and call `create_event_table`"
    )]
    NeedsSession {
        /// The missing object.
        missing: String,
    },
    /// The schema of the table does not exist.
    #[error("the schema of the table does not exist; create the schema first")]
    MissingSchema(#[source] PostgresError),
    /// The server failed or is unavailable.
    #[error(transparent)]
    Engine(PostgresError),
}

/// Connection options that other clients know and the driver does not support.
const OPTIONS_OF_OTHERS: [&str; 16] = [
    "gssencmode",
    "gsslib",
    "krbsrvname",
    "passfile",
    "replication",
    "require_auth",
    "schema",
    "search_path",
    "service",
    "sslca",
    "sslcert",
    "sslcrl",
    "sslkey",
    "sslpassword",
    "sslrootcert",
    "statement_timeout",
];

/// Describes the problem with a connection string. The driver's text quotes the unexpected part, which may belong to a
/// password with unescaped characters. Therefore only text that is not part of the string is shown.
pub(crate) fn unreadable(error: &tokio_postgres::Error) -> PostgresError {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    let unknown = cause.strip_prefix("unknown option `").and_then(|rest| rest.strip_suffix('`'));
    let shown = if let Some(option) = unknown {
        if OPTIONS_OF_OTHERS.contains(&option) { cause } else { "an option with an unknown name".to_owned() }
    } else if let Some(rest) = cause.strip_prefix("unexpected character at byte ") {
        let place: String = rest.chars().take_while(char::is_ascii_digit).collect();
        format!("unexpected character at byte {place}")
    } else if cause == "unexpected EOF" {
        "the text ends too early".to_owned()
    } else if ["invalid value for option `", "unterminated "].iter().any(|known| cause.starts_with(known)) {
        cause
    } else if error.source().is_some_and(|cause| cause.is::<std::str::Utf8Error>()) {
        "the percent-decoded text is not UTF-8".to_owned()
    } else {
        "the syntax is invalid".to_owned()
    };
    PostgresError::text(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_of_an_invalid_connection_string_does_not_show_the_password() {
        for (string, words) in [
            ("postgresql://me:s3cret@host:port/db", "invalid value for option `port`"),
            ("host=h password=s3cret port=x", "invalid value for option `port`"),
            ("host=h password=s3cret sslrootcert=x", "unknown option `sslrootcert`"),
            ("host=h password=a s3cret=x", "an option with an unknown name"),
            ("host=h password=a s3cret x", "unexpected character at byte 25"),
            ("host=h password=a s3cret", "the text ends too early"),
            ("host=h password='s3cret", "unterminated quoted"),
            ("mysql://me:s3cret@host/db?ssl=true", "an option with an unknown name"),
            ("postgresql://me:pass@word?s3cret=1@host/db", "an option with an unknown name"),
            ("postgresql://me:s3cret@host/%ff", "not UTF-8"),
        ] {
            let error = string.parse::<tokio_postgres::Config>().unwrap_err();
            let error = ConnectError::InvalidUrl(unreadable(&error));
            let mut shown = format!("{error} {error:?}");
            let source = error.source().unwrap().to_string();
            assert!(!error.to_string().contains(&source), "{error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                shown.push_str(&format!(" {error} {error:?}"));
                cause = error.source();
            }
            assert!(shown.contains(words), "{string}: {shown}");
            assert!(!shown.contains("s3cret") && !shown.contains("pass@"), "{string}: {shown}");
        }
    }

    #[test]
    fn errors_do_not_repeat_their_source() {
        let source = || PostgresError::text("disk on fire");
        let errors: [Box<dyn Error>; 4] = [
            Box::new(ConnectError::InvalidUrl(source())),
            Box::new(ConnectError::Tls("disk on fire".into())),
            Box::new(SchemaError::NotPermitted { missing: "the table".to_owned(), source: source() }),
            Box::new(SchemaError::MissingSchema(source())),
        ];
        for error in errors {
            assert_eq!(error.source().unwrap().to_string(), "disk on fire");
            assert!(!error.to_string().contains("disk on fire"), "{error}");
        }
        // These errors are passed through.
        let errors: [Box<dyn Error>; 3] = [
            Box::new(ConnectError::Engine(source())),
            Box::new(SchemaError::Engine(source())),
            Box::new(SchemaError::OtherTable("disk on fire".into())),
        ];
        for error in errors {
            assert_eq!(error.to_string(), "disk on fire");
            assert!(error.source().is_none());
        }
    }
}
