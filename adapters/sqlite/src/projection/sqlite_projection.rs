use castore_core::consumer::HandlerError;
use castore_core::log::{LogFilter, Logged};

use super::{Tables, Transaction};

/// A read model in SQLite tables. See the [module](super) for an example and the guarantees.
///
/// Its methods run on their own thread, never on the async runtime.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an SQLite projection",
    label = "not a projection",
    note = "implement `SqliteProjection` for it: which events it reads, its tables, and what an event does to them"
)]
pub trait SqliteProjection: Send + 'static {
    /// The name of the read model, and of the view that readers use. It consists of lower case letters (a to z), digits
    /// and `_`, and begins with a letter. `event`, `castore_…` and `sqlite_…` are reserved. The same rules apply to
    /// [`TABLES`](Self::TABLES).
    const NAME: &'static str;

    /// The version of the read model, from 1. Increase it when the tables or their content change: the new version is
    /// built beside the one in use.
    const VERSION: u32;

    /// The tables, by the names that readers use. Defaults to one table that is named like the read model.
    const TABLES: &'static [&'static str] = &[Self::NAME];

    /// The type as which events are read: `EventDetail<S>` for the events of one event store, or the message enum of a
    /// notification channel for the events of several.
    type Event: Logged;

    /// Returns which events are read. Defaults to those of all the event stores of [`Event`](Self::Event).
    fn filter(&self) -> LogFilter {
        LogFilter::of::<Self::Event>()
    }

    /// Creates the tables of this version, without the content of any event.
    ///
    /// Take their names from `tables`: for the read model `counts`, version 2 has the table `counts_v2`, and `counts`
    /// is the view of the version in use. Names of indexes and triggers must also differ between versions.
    ///
    /// # Errors
    /// Any error of SQLite. Nothing is created then, and the projection does not start. It does not start either if a
    /// table is missing afterwards.
    fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()>;

    /// Applies one event. Its writes through the transaction are committed together with the checkpoint, for many
    /// events at a time. After a failure, all of these events are applied again, so keep no state outside of the
    /// transaction.
    ///
    /// # Errors
    /// Any reason why the event cannot be applied. A panic counts as an error. The event is retried, and then
    /// [`OnFailure`](super::OnFailure) decides.
    ///
    /// The error's [class](castore_core::consumer::FailureAction) decides only whether a retry can help: not for `Park`
    /// (the class of [`HandlerError::park`]) and not for `Skip`. No event is skipped here: return `Ok` for an event
    /// that does not matter, or else its aggregate is parked or the projection stops, according to `OnFailure`. `Stop`
    /// counts as `Retry`: the event is retried, and the class alone does not stop the projection.
    fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, event: &Self::Event) -> Result<(), HandlerError>;
}
