use tokio_postgres::error::{Severity, SqlState};

#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use super::sqlx;

/// An error of a driver.
#[derive(Debug)]
pub(crate) enum DriverError {
    Native(tokio_postgres::Error),
    #[cfg(feature = "sqlx-0_8")]
    Sqlx08(sqlx::v08::Failure),
    #[cfg(feature = "sqlx-0_9")]
    Sqlx09(sqlx::v09::Failure),
}

/// An error that the server returned.
#[derive(Debug)]
pub(crate) struct ServerError<'a> {
    pub(crate) code: &'a SqlState,
    pub(crate) message: &'a str,
    pub(crate) schema: Option<&'a str>,
    pub(crate) constraint: Option<&'a str>,
    /// A flag that is `true` if the server closes the connection after this error. Such an error may have occurred
    /// after the commit and before its confirmation.
    pub(crate) ends_the_session: bool,
}

impl DriverError {
    /// Returns the details of the error, if the server returned it.
    pub(crate) fn server(&self) -> Option<ServerError<'_>> {
        match self {
            Self::Native(error) => error.as_db_error().map(|error| ServerError {
                code: error.code(),
                message: error.message(),
                schema: error.schema(),
                constraint: error.constraint(),
                ends_the_session: match error.parsed_severity() {
                    Some(severity) => matches!(severity, Severity::Fatal | Severity::Panic),
                    None => error.code().code().starts_with("57P"),
                },
            }),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(failure) => failure.server(),
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(failure) => failure.server(),
        }
    }

    /// Returns the SQLSTATE, if the server returned the error.
    pub(crate) fn code(&self) -> Option<&SqlState> {
        self.server().map(|error| error.code)
    }

    /// Returns whether the connection can no longer be used. The request may succeed on another connection.
    pub(crate) fn is_dead(&self) -> bool {
        self.is_closed() || self.server().is_some_and(|error| error.ends_the_session)
    }

    /// Returns whether the driver has lost the connection.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::Native(error) => error.is_closed(),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(failure) => failure.is_closed(),
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(failure) => failure.is_closed(),
        }
    }
}

impl From<tokio_postgres::Error> for DriverError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Native(error)
    }
}
