/// Generates the code for one version of sqlx. The calling module must import that version as `sqlx`, and must have a
/// function `text`. `$driver` is the name of the version's variant in the driver enums.
macro_rules! sqlx_version {
    ($driver:ident) => {
        use std::future::poll_fn;
        use std::ops::{Deref, DerefMut};

        use bytes::BytesMut;
        use tokio::sync::{Mutex, MutexGuard};
        use tokio_postgres::error::SqlState;
        use tokio_postgres::types::{FromSql, IsNull, Type};

        use sqlx::pool::PoolConnection;
        use sqlx::postgres::types::Oid;
        use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgDatabaseError, PgRow, PgSeverity, PgTypeInfo};
        use sqlx::{Arguments as _, Connection as _, Either, Executor as _, Postgres, Row as _, ValueRef as _};
        pub(crate) use sqlx::{PgConnection, PgPool};

        use $crate::driver::{DriverError, Row, ServerError};
        use $crate::errors::PostgresError;
        use $crate::statement::{Parameter, Prepared, Session, Visit};

        type BoxedError = Box<dyn std::error::Error + Send + Sync>;

        pub(crate) async fn acquire(pool: &PgPool) -> Result<SqlxSession<Owned>, PostgresError> {
            pool.acquire().await.map(|client| SqlxSession::new(Owned::Pooled(client))).map_err(not_acquired)
        }

        /// Converts an error of the pool.
        pub(crate) fn not_acquired(error: sqlx::Error) -> PostgresError {
            match error {
                sqlx::Error::PoolClosed => PostgresError::pool_closed(),
                sqlx::Error::PoolTimedOut => PostgresError::pool_timed_out(),
                error => PostgresError::connecting(failed(error)),
            }
        }

        /// A connection of a pool.
        pub(crate) enum Owned {
            Pooled(PoolConnection<Postgres>),
            /// A connection that was taken out of its pool.
            Detached(Box<PgConnection>),
        }

        impl Deref for Owned {
            type Target = PgConnection;

            fn deref(&self) -> &PgConnection {
                match self {
                    Self::Pooled(client) => client,
                    Self::Detached(client) => client,
                }
            }
        }

        impl DerefMut for Owned {
            fn deref_mut(&mut self) -> &mut PgConnection {
                match self {
                    Self::Pooled(client) => client,
                    Self::Detached(client) => client,
                }
            }
        }

        pub(crate) type Transaction<'a> = sqlx::Transaction<'a, Postgres>;

        /// A holder of a session's connection.
        pub(crate) trait Holder: DerefMut<Target = PgConnection> + Send {
            /// A flag that is `true` if all statements have names. sqlx sends an unnamed statement in two steps. Unless
            /// a transaction is open, a pooler may send the steps to different sessions of the server.
            const NAMES_ALL: bool;
        }

        impl Holder for Owned {
            const NAMES_ALL: bool = true;
        }

        /// The caller's connection with an open transaction.
        impl Holder for &mut PgConnection {
            const NAMES_ALL: bool = false;
        }

        /// A transaction of the projections.
        impl Holder for Transaction<'_> {
            const NAMES_ALL: bool = false;
        }

        /// A session on a connection of sqlx. sqlx executes one statement at a time, so a second statement waits for
        /// the first.
        pub(crate) struct SqlxSession<C>(Mutex<C>);

        impl<C> SqlxSession<C> {
            pub(crate) fn new(connection: C) -> Self {
                Self(Mutex::new(connection))
            }

            /// Waits until no statement is being executed, and returns the connection.
            pub(crate) async fn lock(&self) -> MutexGuard<'_, C> {
                self.0.lock().await
            }
        }

        impl SqlxSession<Owned> {
            pub(in $crate::driver) fn detach(self) -> Self {
                Self::new(match self.0.into_inner() {
                    Owned::Pooled(client) => Owned::Detached(Box::new(client.detach())),
                    detached => detached,
                })
            }
        }

        impl SqlxSession<Owned> {
            pub(in $crate::driver) async fn begin(&mut self) -> Result<SqlxSession<Transaction<'_>>, DriverError> {
                let connection: &mut PgConnection = self.0.get_mut();
                connection.begin().await.map(SqlxSession::new).map_err(failed)
            }
        }

        impl SqlxSession<Transaction<'_>> {
            pub(in $crate::driver) async fn commit(self) -> Result<(), DriverError> {
                self.0.into_inner().commit().await.map_err(failed)
            }

            pub(in $crate::driver) async fn rollback(self) -> Result<(), DriverError> {
                self.0.into_inner().rollback().await.map_err(failed)
            }
        }

        impl<C: Holder> Session for SqlxSession<C> {
            const PIPELINES: bool = false;

            async fn prepare<'a>(&self, sql: &'a str) -> Result<Prepared<'a>, DriverError> {
                prepare(&mut *self.0.lock().await, sql).await
            }

            async fn run(
                &self,
                statement: &Prepared<'_>,
                parameters: &[&dyn Parameter],
                visit: &mut Visit<'_>,
            ) -> Result<u64, DriverError> {
                let persistent = C::NAMES_ALL || statement.has_name();
                run(&mut *self.0.lock().await, statement, persistent, parameters, visit).await
            }

            async fn batch(&self, sql: &str) -> Result<(), DriverError> {
                batch(&mut *self.0.lock().await, sql).await
            }
        }

        async fn prepare<'a>(connection: &mut PgConnection, sql: &'a str) -> Result<Prepared<'a>, DriverError> {
            connection.prepare(text(sql)).await.map_err(failed)?;
            Ok(Prepared::kept_by_driver(sql))
        }

        async fn run(
            connection: &mut PgConnection,
            statement: &Prepared<'_>,
            persistent: bool,
            parameters: &[&dyn Parameter],
            visit: &mut Visit<'_>,
        ) -> Result<u64, DriverError> {
            let query = sqlx::query_with(text(statement.sql()), arguments(parameters)?);
            let mut answers = connection.fetch_many(query.persistent(persistent));
            let mut affected = 0;
            while let Some(answer) = poll_fn(|context| answers.as_mut().poll_next(context)).await {
                match answer.map_err(failed)? {
                    Either::Left(done) => affected += done.rows_affected(),
                    Either::Right(row) => {
                        if visit(Row::$driver(SqlxRow(row))).is_break() {
                            // The driver discards the remaining rows when the connection is used again.
                            break;
                        }
                    }
                }
            }
            Ok(affected)
        }

        async fn batch(connection: &mut PgConnection, sql: &str) -> Result<(), DriverError> {
            connection.execute(sqlx::raw_sql(text(sql))).await.map(drop).map_err(failed)
        }

        fn arguments(parameters: &[&dyn Parameter]) -> Result<PgArguments, DriverError> {
            let mut arguments = PgArguments::default();
            for parameter in parameters {
                let added = arguments.add(Encoded(*parameter));
                added.map_err(|error| failed(sqlx::Error::Encode(error)))?;
            }
            Ok(arguments)
        }

        /// A parameter that is encoded like a parameter of the native driver.
        #[derive(Clone, Copy)]
        struct Encoded<'a>(&'a dyn Parameter);

        impl sqlx::Type<Postgres> for Encoded<'_> {
            fn type_info() -> PgTypeInfo {
                PgTypeInfo::with_oid(Oid(Type::UNKNOWN.oid()))
            }
        }

        impl sqlx::Encode<'_, Postgres> for Encoded<'_> {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<sqlx::encode::IsNull, BoxedError> {
                let mut bytes = BytesMut::new();
                Ok(match self.0.value().to_sql_checked(&self.0.sql_type(), &mut bytes)? {
                    IsNull::Yes => sqlx::encode::IsNull::Yes,
                    IsNull::No => {
                        buffer.extend_from_slice(&bytes);
                        sqlx::encode::IsNull::No
                    }
                })
            }

            fn produces(&self) -> Option<PgTypeInfo> {
                Some(PgTypeInfo::with_oid(Oid(self.0.sql_type().oid())))
            }
        }

        /// A row whose values are decoded by the conversions of the native driver.
        pub(crate) struct SqlxRow(PgRow);

        impl SqlxRow {
            pub(in $crate::driver) fn try_get<'a, T: FromSql<'a>>(&'a self, column: usize) -> Result<T, DriverError> {
                let value = self.0.try_get_raw(column).map_err(failed)?;
                let sql_type = value.type_info().oid().and_then(|oid| Type::from_oid(oid.0));
                let decoded = match sql_type {
                    Some(sql_type) if T::accepts(&sql_type) => {
                        if value.is_null() {
                            T::from_sql_null(&sql_type)
                        } else {
                            value.as_bytes().and_then(|bytes| T::from_sql(&sql_type, bytes))
                        }
                    }
                    _ => Err(BoxedError::from(format!("column {column} has an unexpected type"))),
                };
                decoded.map_err(|error| failed(sqlx::Error::Decode(error)))
            }
        }

        /// An error of this version of sqlx.
        #[derive(Debug)]
        pub(crate) struct Failure {
            error: sqlx::Error,
            /// The SQLSTATE, if the server returned the error.
            code: Option<SqlState>,
        }

        pub(crate) fn failed(error: sqlx::Error) -> DriverError {
            let code = server_error(&error).map(|error| SqlState::from_code(error.code()));
            DriverError::$driver(Failure { error, code })
        }

        /// Returns the SQLSTATE of an error, if the server returned the error, and whether the connection or the pool
        /// failed.
        pub(crate) fn cause(error: &sqlx::Error) -> (Option<SqlState>, bool) {
            (server_error(error).map(|error| SqlState::from_code(error.code())), is_unavailable(error))
        }

        fn is_unavailable(error: &sqlx::Error) -> bool {
            use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls};

            matches!(error, Io(_) | Tls(_) | PoolClosed | PoolTimedOut)
        }

        fn server_error(error: &sqlx::Error) -> Option<&PgDatabaseError> {
            error.as_database_error()?.try_downcast_ref()
        }

        impl Failure {
            pub(crate) fn error(&self) -> &sqlx::Error {
                &self.error
            }

            pub(in $crate::driver) fn server(&self) -> Option<ServerError<'_>> {
                let (error, code) = (server_error(&self.error)?, self.code.as_ref()?);
                Some(ServerError {
                    code,
                    message: error.message(),
                    schema: error.schema(),
                    constraint: error.constraint(),
                    ends_the_session: matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic),
                })
            }

            pub(in $crate::driver) fn is_closed(&self) -> bool {
                matches!(self.error, sqlx::Error::Io(_))
            }
        }
    };
}
