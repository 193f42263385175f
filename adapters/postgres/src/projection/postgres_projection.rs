use std::future::Future;

use castore_core::consumer::HandlerError;
use castore_core::log::{LogFilter, ReadModel};

use super::{Tables, Transaction};

/// A read model in Postgres tables. See the [module](super) for an example and the guarantees.
///
/// Implementations can use `async fn`. The transaction has the type of `deadpool_postgres`, which adds `prepare_cached`
/// to the methods of a `tokio_postgres` transaction.
///
/// Readers use views, which have the names in [`TABLES`](Self::TABLES). By default, there is one view, with the name
/// [`NAME`](ReadModel::NAME). The views are in the schema of the events unless
/// [`PostgresReadModels::schema`](super::PostgresReadModels::schema) sets another schema. The `NAME` must consist of
/// lower case letters (a to z), digits and `_`, and begin with a letter. The names `event`, `castore_…` and `pg_…` are
/// reserved. The same rules apply to [`TABLES`](Self::TABLES).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Postgres projection",
    label = "not a projection",
    note = "implement `PostgresProjection` for `{Self}`"
)]
pub trait PostgresProjection: ReadModel + Send + Sync {
    /// The names of the tables without the version, which are also the names of the views that readers use. Defaults to
    /// one table with the name of the read model.
    const TABLES: &'static [&'static str] = &[Self::NAME];

    /// Returns the filter for the events that the projection reads. Defaults to all events of the event stores whose
    /// events [`Event`](ReadModel::Event) can contain.
    fn filter(&self) -> LogFilter {
        LogFilter::of::<Self::Event>()
    }

    /// Creates the tables of this version, with their initial rows if they need any.
    ///
    /// Take the names of the tables from `tables`: version 2 of the read model `counts` has the table `counts_v2`, and
    /// `counts` is the view of the version in use. Names of indexes must also differ between versions.
    ///
    /// # Errors
    /// Any error of Postgres. After an error, nothing is created, and the projection does not start. The projection
    /// also does not start if one of its tables is missing after the call.
    fn create(
        &self,
        transaction: &Transaction<'_>,
        tables: &Tables,
    ) -> impl Future<Output = Result<(), tokio_postgres::Error>> + Send;

    /// Applies one event. One transaction can apply many events, and also moves the checkpoint. After a failure, all
    /// events of the transaction are applied again, so the projection must not keep state outside of the transaction.
    /// The handler must not end the transaction. After a failed statement, the transaction can only be rolled back.
    ///
    /// # Errors
    /// Any error that prevents the event from being applied. A panic counts as an error. If the database caused the
    /// error, the projection waits and retries, as the [module](super) describes. Any other error is handled according
    /// to [`OnFailure`](super::OnFailure), after retries unless the class of the error excludes them.
    ///
    /// The error's [class](castore_core::consumer::FailureAction) only determines whether the event is retried: it is
    /// retried after `Retry` and `Stop`, but not after `Park` (as with [`HandlerError::park`]) and `Skip`. An error
    /// never skips an event. Return `Ok` for an event that is not relevant: an error would park its aggregate or stop
    /// the projection, according to `OnFailure`.
    fn apply(
        &self,
        transaction: &Transaction<'_>,
        tables: &Tables,
        event: &Self::Event,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;
}
