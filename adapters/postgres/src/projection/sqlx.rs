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
            /// The names of the tables, as readers use them. Defaults to one table with the name of the read model.
            const TABLES: &'static [&'static str] = &[Self::NAME];

            /// Returns the filter for the events that are read. Defaults to the events of all event stores of
            /// [`Event`](ReadModel::Event).
            fn filter(&self) -> LogFilter {
                LogFilter::of::<Self::Event>()
            }

            /// Creates the empty tables of this version, in the transaction of the connection. Their names must be
            /// taken from `tables`.
            ///
            /// # Errors
            /// Any error of Postgres. In this case nothing is created, and the projection does not start. It also does
            /// not start if a table is missing afterwards.
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
            /// Starts a projection. The projection continues from the checkpoint of its version, or from the beginning
            /// of the log if the version is new.
            ///
            /// The projection runs until the handle is dropped, and uses one connection of the pool at a time. This
            /// method must be called within a tokio runtime. The tables of the registry (`castore_projection`,
            /// `castore_projection_parked`, `castore_projection_request`) are created if they are missing.
            ///
            /// # Errors
            /// All variants of [`ProjectionError`] except [`Handler`](ProjectionError::Handler) and
            /// [`Decode`](ProjectionError::Decode), which the handle returns.
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
