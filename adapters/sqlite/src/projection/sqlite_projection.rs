use castore_core::consumer::HandlerError;
use castore_core::log::{LogFilter, Logged};

use super::{Tables, Transaction};

/// A read model that is kept in SQLite tables: see the [module](super) for an example and what is promised.
///
/// Its methods run on a thread of their own, never on the async runtime.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an SQLite projection",
    label = "not a projection",
    note = "implement `SqliteProjection` for it: which events it reads, its tables, and what an event does to them"
)]
pub trait SqliteProjection: Send + 'static {
    /// The name of the read model, and of the view that readers use. Lower case letters (a to z), digits and `_`, with
    /// a letter first; not `event`, `castore_…` or `sqlite_…`, which are reserved. The same is true for
    /// [`TABLES`](Self::TABLES).
    const NAME: &'static str;

    /// From 1. Raise it when the tables or what is written to them change: all is built anew beside the version in use.
    const VERSION: u32;

    /// The tables, by the names that readers use. One that is named like the read model by default.
    const TABLES: &'static [&'static str] = &[Self::NAME];

    /// What events are read as: `EventDetail<S>` for those of one event store, the message enum of a notification
    /// channel for those of several.
    type Event: Logged;

    /// Which events are read. Those of all the event stores of [`Event`](Self::Event) by default.
    fn filter(&self) -> LogFilter {
        LogFilter::of::<Self::Event>()
    }

    /// Creates the tables of this version, without any event in them.
    ///
    /// Their names must be taken from `tables`: for the read model `counts`, version 2 has the table `counts_v2`, and
    /// `counts` is the view of the version in use. Names of indexes and triggers must differ between versions too.
    ///
    /// # Errors
    /// Whatever SQLite says. Nothing is then created, and the projection does not start, nor if a table is missing.
    fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()>;

    /// Applies one event. What it writes through the transaction is committed together with the checkpoint, for many
    /// events at a time; after a failure all of them are applied again, so nothing must be kept outside of the
    /// transaction.
    ///
    /// # Errors
    /// Whatever keeps the event from being applied, panics included. It is tried again, then
    /// [`OnFailure`](super::OnFailure) says what becomes of it.
    ///
    /// The error's [class](castore_core::consumer::FailureAction) says only whether trying again is of use, which it is not for `Park`
    /// (as [`HandlerError::park`] is) and for `Skip`. Nothing is skipped here: answer `Ok` for an event that does
    /// not matter, or else its aggregate is parked, or the projection stops, as `OnFailure` says. `Stop` counts as
    /// `Retry`: it is a failure that is tried again, and stops nothing by itself.
    fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, event: &Self::Event) -> Result<(), HandlerError>;
}
