use castore_core::consumer::HandlerError;
use castore_core::log::{LogFilter, ReadModel};

use super::{Tables, Transaction};

/// A read model in SQLite tables. See the [module](super) for an example and the guarantees.
///
/// Its methods run on their own thread, never on the async runtime.
///
/// [`NAME`](ReadModel::NAME) is also the name of the view that readers use. It consists of lower case letters (a to z),
/// digits and `_`, and begins with a letter. `event`, `castore_…` and `sqlite_…` are reserved. The same rules apply to
/// [`TABLES`](Self::TABLES).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an SQLite projection",
    label = "not a projection",
    note = "implement `SqliteProjection` for `{Self}`"
)]
pub trait SqliteProjection: ReadModel + Send {
    /// The names of the tables, as readers use them. Defaults to one table with the name of the read model.
    const TABLES: &'static [&'static str] = &[Self::NAME];

    /// Returns which events are read. Defaults to the events of all event stores of [`Event`](ReadModel::Event).
    fn filter(&self) -> LogFilter {
        LogFilter::of::<Self::Event>()
    }

    /// Creates the empty tables of this version.
    ///
    /// Their names must be taken from `tables`: version 2 of the read model `counts` has the table `counts_v2`, and
    /// `counts` is the view of the version in use. Names of indexes and triggers must also differ between versions.
    ///
    /// # Errors
    /// Any error of SQLite. In this case nothing is created, and the projection does not start. It also does not start
    /// if a table is missing afterwards.
    fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()>;

    /// Applies one event. The writes of the handler through the transaction are committed together with the checkpoint,
    /// for many events at a time. After a failure, all of these events are applied again, so keep no state outside of
    /// the transaction.
    ///
    /// # Errors
    /// Any error that prevents the event from being applied. A panic counts as an error. The event is retried, and then
    /// handled according to [`OnFailure`](super::OnFailure).
    ///
    /// The error's [class](castore_core::consumer::FailureAction) only determines whether the event is retried: it is
    /// retried after `Retry` and `Stop`, but not after `Park` (as with [`HandlerError::park`]) and `Skip`. No event is
    /// skipped because of an error: return `Ok` for an event that is not relevant, otherwise its aggregate is parked,
    /// or the projection stops, according to `OnFailure`.
    fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, event: &Self::Event) -> Result<(), HandlerError>;
}
