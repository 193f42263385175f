use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::InvalidName;

/// What the driver, the pool or the server said.
///
/// It prints no detail, hint or context that the server gives with an error: they quote rows and parameters, which may
/// be private. [`driver`](Self::driver) has them.
pub struct PostgresError(Kind);

enum Kind {
    Driver(tokio_postgres::Error),
    Pool(PoolError),
    Text(Cow<'static, str>),
}

impl PostgresError {
    pub(crate) fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self(Kind::Text(text.into()))
    }

    /// What this would print of an error of the driver.
    pub(crate) fn describe(error: &tokio_postgres::Error) -> String {
        Shown(error).to_string()
    }

    /// The SQLSTATE, if it was the server that refused.
    pub fn code(&self) -> Option<&SqlState> {
        self.driver()?.code()
    }

    /// The driver's own error. Printing it, or its sources, may show what was to be stored.
    pub fn driver(&self) -> Option<&tokio_postgres::Error> {
        match &self.0 {
            Kind::Driver(error) | Kind::Pool(PoolError::Backend(error)) => Some(error),
            Kind::Pool(_) | Kind::Text(_) => None,
        }
    }
}

impl From<tokio_postgres::Error> for PostgresError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(Kind::Driver(error))
    }
}

impl From<PoolError> for PostgresError {
    fn from(error: PoolError) -> Self {
        Self(Kind::Pool(error))
    }
}

impl fmt::Display for PostgresError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Kind::Pool(PoolError::Backend(_)) = &self.0 {
            formatter.write_str("cannot connect: ")?;
        }
        match (&self.0, self.driver()) {
            (Kind::Text(text), _) => formatter.write_str(text),
            (_, Some(error)) => Shown(error).fmt(formatter),
            (Kind::Pool(PoolError::Timeout(_)), _) => {
                formatter.write_str("no connection of the pool became free, or could be made, in time")
            }
            (Kind::Pool(error), _) => fmt::Display::fmt(error, formatter),
            (Kind::Driver(error), _) => fmt::Display::fmt(error, formatter),
        }
    }
}

/// Of an error of the driver, only what may be shown.
struct Shown<'a>(&'a tokio_postgres::Error);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_db_error() {
            // Messages of class 22 quote the value that does not fit.
            Some(refused) if refused.code().code().starts_with("22") => {
                write!(formatter, "the server refused a value (SQLSTATE {})", refused.code().code())
            }
            Some(refused) => write!(formatter, "{} (SQLSTATE {})", refused.message(), refused.code().code()),
            None => match self.0.source() {
                Some(source) => write!(formatter, "{}: {source}", self.0),
                None => fmt::Display::fmt(self.0, formatter),
            },
        }
    }
}

impl fmt::Debug for PostgresError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PostgresError({self})")
    }
}

/// Without a source: what prints chains of errors would print what [`PostgresError`] keeps back.
impl Error for PostgresError {}

/// Why an adapter could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The connection string cannot be read.
    #[error("the connection string cannot be read: {0}")]
    InvalidUrl(#[source] tokio_postgres::Error),
    /// A table or a schema cannot be called that.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// TLS could not be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
    /// The server cannot be reached, or does not let us in.
    #[error("{0}")]
    Engine(#[source] PostgresError),
}

/// Why the event table could not be created, completed or dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// There is a table of that name, and it is not one for events.
    #[error("{0}")]
    OtherTable(#[source] Box<dyn Error + Send + Sync>),
    /// Another transaction used the table, or another process migrated it, for longer than the lock time-out.
    #[error("{table} is locked by another transaction; nothing is lost by trying again")]
    Locked {
        /// The table.
        table: String,
    },
    /// Something is missing that this role may not create.
    #[error("{missing} is missing, and this role may not create it: {source}")]
    NotPermitted {
        /// What is missing.
        missing: String,
        /// What the server said.
        source: PostgresError,
    },
    /// The server failed or cannot be reached.
    #[error("{0}")]
    Engine(#[source] PostgresError),
}
