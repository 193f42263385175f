use tokio_postgres::Statement;

/// A statement that can be executed.
pub(crate) struct Prepared<'a> {
    sql: &'a str,
    kind: Kind,
}

enum Kind {
    Native(Statement),
    #[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
    KeptByDriver,
    Unnamed,
}

impl<'a> Prepared<'a> {
    /// Returns a statement that the native driver has prepared.
    pub(crate) fn statement(sql: &'a str, statement: Statement) -> Self {
        Self { sql, kind: Kind::Native(statement) }
    }

    /// Returns a statement that the driver has prepared and can find by its text.
    #[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
    pub(crate) fn kept_by_driver(sql: &'a str) -> Self {
        Self { sql, kind: Kind::KeptByDriver }
    }

    /// Returns a statement without a name, which leaves nothing in the session of the server.
    pub(crate) fn unnamed(sql: &'a str) -> Self {
        Self { sql, kind: Kind::Unnamed }
    }

    pub(crate) fn sql(&self) -> &'a str {
        self.sql
    }

    pub(crate) fn native(&self) -> Option<&Statement> {
        match &self.kind {
            Kind::Native(statement) => Some(statement),
            _ => None,
        }
    }

    /// Returns whether the session of the server keeps the statement.
    #[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
    pub(crate) fn has_name(&self) -> bool {
        !matches!(self.kind, Kind::Unnamed)
    }
}
