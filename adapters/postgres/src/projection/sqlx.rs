//! Projections whose handlers use sqlx.

/// Generates the projection code for one version of sqlx. The module in which the macro is used must import that
/// version under the name `sqlx`. `$driver` is the variant for that version in the enums of drivers, and `$version` is
/// the name of its driver module.
macro_rules! sqlx_projections {
    ($driver:ident, $version:ident) => {
        use std::future::Future;

        use castore_core::consumer::HandlerError;
        use castore_core::log::{EventLog, LogFilter, LogId, ReadModel};
        use castore_projection::engine::ReadModelStore;
        use sqlx::{PgConnection, PgPool};

        use crate::driver::OpenTransaction;
        use crate::driver::sqlx::$version::failed;
        use crate::errors::PostgresError;
        use crate::projection::any_projection::{Projection, other_driver};
        use crate::projection::{PostgresReadModels, ProjectionError, ProjectionOptions, Tables};

        /// A read model that is kept in Postgres tables, and whose handler uses sqlx. See the
        /// [module](crate::projection) for the guarantees, and
        /// [`PostgresProjection`](crate::projection::PostgresProjection) for the rules for names.
        ///
        /// Implementations can use `async fn`.
        #[diagnostic::on_unimplemented(
            message = "`{Self}` is not a projection that uses this version of sqlx",
            label = "not a projection of sqlx",
            note = "implement `SqlxProjection` for `{Self}`"
        )]
        pub trait SqlxProjection: ReadModel + Send + Sync {
            /// The names of the tables without the version, which are also the names of the views that readers use.
            /// Defaults to one table with the name of the read model.
            const TABLES: &'static [&'static str] = &[Self::NAME];

            /// Returns the filter for the events that the projection reads. Defaults to all events of the event stores
            /// whose events [`Event`](ReadModel::Event) can contain.
            fn filter(&self) -> LogFilter {
                LogFilter::of::<Self::Event>()
            }

            /// Creates the tables of this version, with their initial rows if they need any, in the transaction of the
            /// connection. Take the names of the tables from `tables`.
            ///
            /// # Errors
            /// Any error of Postgres. After an error, nothing is created, and the projection does not start. The
            /// projection also does not start if one of its tables is missing after the call.
            fn create(
                &self,
                connection: &mut PgConnection,
                tables: &Tables,
            ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

            /// Applies one event, in the transaction of the connection. The writes of the handler through the
            /// connection are committed together with the checkpoint, for many events at a time. After a failure, all
            /// of these events are applied again, so the projection must not keep state outside of the transaction. The
            /// handler must not end the transaction.
            ///
            /// # Errors
            /// See [`PostgresProjection::apply`](crate::projection::PostgresProjection::apply).
            fn apply(
                &self,
                connection: &mut PgConnection,
                tables: &Tables,
                event: &Self::Event,
            ) -> impl Future<Output = Result<(), HandlerError>> + Send;
        }

        struct OfSqlx<P>(P);

        impl<P: SqlxProjection> ReadModel for OfSqlx<P> {
            const NAME: &'static str = P::NAME;
            const VERSION: u32 = P::VERSION;
            type Event = P::Event;
        }

        impl<P: SqlxProjection> Projection for OfSqlx<P> {
            const TABLES: &'static [&'static str] = P::TABLES;

            fn filter(&self) -> LogFilter {
                self.0.filter()
            }

            async fn create(&self, transaction: &OpenTransaction<'_>, tables: &Tables) -> Result<(), PostgresError> {
                let OpenTransaction::$driver(transaction) = transaction else { return Err(other_driver()) };
                let mut transaction = transaction.lock().await;
                self.0.create(&mut **transaction, tables).await.map_err(|error| failed(error).into())
            }

            async fn apply(
                &self,
                transaction: &OpenTransaction<'_>,
                tables: &Tables,
                event: &P::Event,
            ) -> Result<(), HandlerError> {
                let OpenTransaction::$driver(transaction) = transaction else { return Err(other_driver().into()) };
                let mut transaction = transaction.lock().await;
                self.0.apply(&mut **transaction, tables, event).await
            }
        }

        impl PostgresReadModels<PgPool> {
            /// Starts a projection at the checkpoint of its version, or at the beginning of the log if the version is
            /// new. The projection starts when the returned future is awaited, which requires a tokio runtime. The
            /// projection runs until it is shut down, its [`RunningProjection`](crate::projection::RunningProjection)
            /// is dropped, or an error stops it.
            ///
            /// The projection uses one connection of the pool at a time. The tables of the registry
            /// (`castore_projection`, `castore_projection_parked`, `castore_projection_request`) are created if any is
            /// missing.
            ///
            /// # Errors
            /// The future returns all variants of [`ProjectionError`] except [`Handler`](ProjectionError::Handler) and
            /// [`Decode`](ProjectionError::Decode), which the methods of
            /// [`RunningProjection`](crate::projection::RunningProjection) report.
            pub fn start<P: SqlxProjection>(
                &self,
                projection: P,
                log: impl EventLog,
                options: ProjectionOptions,
            ) -> castore_projection::StartProjection {
                let models = self.clone();
                castore_projection::StartProjection::new(
                    async move { models.run(OfSqlx(projection), log, options).await },
                )
            }

            /// Opens the store of a version, for the conformance test kit.
            #[doc(hidden)]
            pub async fn __store<P: SqlxProjection>(
                &self,
                projection: P,
                log_id: &LogId,
            ) -> Result<impl ReadModelStore + use<P>, ProjectionError> {
                Ok(self.open_store(OfSqlx(projection), log_id).await?.0)
            }
        }
    };
}

/// Read models whose handlers use sqlx 0.8.
#[cfg(feature = "sqlx-0_8")]
pub mod sqlx_0_8 {
    use sqlx_08 as sqlx;

    sqlx_projections!(Sqlx08, v08);
}

/// Read models whose handlers use sqlx 0.9.
#[cfg(feature = "sqlx-0_9")]
pub mod sqlx_0_9 {
    use sqlx_09 as sqlx;

    sqlx_projections!(Sqlx09, v09);
}
