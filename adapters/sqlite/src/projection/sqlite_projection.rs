use castore_core::consumer::HandlerError;
use castore_core::log::{LogFilter, ReadModel};

use super::{Tables, Transaction};

/// A read model in SQLite tables. See the [module](super) for an example and the guarantees.
///
/// The methods [`create`](Self::create) and [`apply`](Self::apply) run on a thread of the projection, never on the
/// async runtime.
///
/// [`NAME`](ReadModel::NAME) is also the name of the view that readers use. The name must consist of lower case letters
/// (a to z), digits and `_`, and begin with a letter. The names `event`, `castore_…` and `sqlite_…` are reserved. The
/// same rules apply to [`TABLES`](Self::TABLES).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an SQLite projection",
    label = "not a projection",
    note = "implement `SqliteProjection` for `{Self}`"
)]
pub trait SqliteProjection: ReadModel + Send {
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
    /// `counts` is the view of the version in use. Names of indexes and triggers must also differ between versions.
    ///
    /// # Errors
    /// Any error of SQLite. After an error, nothing is created, and the projection does not start. The projection also
    /// does not start if one of its tables is missing after the call.
    fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()>;

    /// Applies one event. One transaction applies many events, and is committed together with the checkpoint. After a
    /// failure, all events of the transaction are applied again, so keep no state outside of the transaction.
    ///
    /// # Errors
    /// Any error that prevents the event from being applied. A panic counts as an error. The event is retried, and then
    /// handled according to [`OnFailure`](super::OnFailure). An error that means that the database is unavailable
    /// (locked or full, for example) is different: the projection waits and retries, and the event does not fail.
    ///
    /// For all other errors, the [class](castore_core::consumer::FailureAction) only determines whether the event is
    /// retried: it is retried after `Retry` and `Stop`, but not after `Park` (as with [`HandlerError::park`]) and
    /// `Skip`. An error never skips an event. Return `Ok` for an event that is not relevant: an error would park its
    /// aggregate or stop the projection, according to `OnFailure`.
    fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, event: &Self::Event) -> Result<(), HandlerError>;
}
