use std::future::Future;

use castore_core::consumer::HandlerError;
use castore_core::log::{LogFilter, ReadModel};

use super::{Tables, Transaction};

/// A read model that is kept in Postgres tables. See the [module](super) for an example and the guarantees.
///
/// Implementations can use `async fn`. The transaction is that of `deadpool_postgres`: it has the methods of a
/// `tokio_postgres` transaction, and `prepare_cached`.
///
/// [`NAME`](ReadModel::NAME) is also the name of the view that readers use, which is in the schema of the events unless
/// [`PostgresReadModels::schema`](super::PostgresReadModels::schema) sets another one. The name must consist of
/// lower case letters (a to z), digits and `_`, and begin with a letter. `event`, `castore_…` and `pg_…` are
/// reserved. The same rules apply to [`TABLES`](Self::TABLES).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Postgres projection",
    label = "not a projection",
    note = "implement `PostgresProjection` for `{Self}`"
)]
pub trait PostgresProjection: ReadModel + Send + Sync {
    /// The names of the tables, as readers use them. Defaults to one table with the name of the read model.
    const TABLES: &'static [&'static str] = &[Self::NAME];

    /// Returns which events are read. Defaults to the events of all event stores of [`Event`](ReadModel::Event).
    fn filter(&self) -> LogFilter {
        LogFilter::of::<Self::Event>()
    }

    /// Creates the empty tables of this version.
    ///
    /// Their names must be taken from `tables`: version 2 of the read model `counts` has the table `counts_v2`, and
    /// `counts` is the view of the version in use. Index names must differ between versions, too.
    ///
    /// # Errors
    /// Any error of Postgres. In this case nothing is created, and the projection does not start. It also does not
    /// start if a table is missing afterwards.
    fn create(
        &self,
        transaction: &Transaction<'_>,
        tables: &Tables,
    ) -> impl Future<Output = Result<(), tokio_postgres::Error>> + Send;

    /// Applies one event. The writes of the handler through the transaction are committed together with the checkpoint,
    /// for many events at a time. After a failure, all of these events are applied again, so the projection must not
    /// keep state outside of the transaction. The handler must not end the transaction. After a failed statement, the
    /// transaction can only be rolled back.
    ///
    /// # Errors
    /// Any error that keeps the event from being applied; panics count as errors. The event is retried, and then
    /// handled according to [`OnFailure`](super::OnFailure).
    ///
    /// The error's [class](castore_core::consumer::FailureAction) only determines whether the event is retried: it is
    /// retried after `Retry` and `Stop`, but not after `Park` (as with [`HandlerError::park`]) and `Skip`. No event is
    /// skipped because of an error: return `Ok` for an event that is not relevant, otherwise its aggregate is parked,
    /// or the projection stops, according to `OnFailure`.
    fn apply(
        &self,
        transaction: &Transaction<'_>,
        tables: &Tables,
        event: &Self::Event,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;
}
