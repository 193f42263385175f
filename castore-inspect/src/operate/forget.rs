//! The command `events forget`, and the method [`Operate::forget`].

use std::sync::Arc;

use castore_core::error::error_chain;
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::AggregateDeletion;
use castore_core::wiring::StoreEntry;

use super::Operate;
use super::arguments::Arguments;
use super::report::Report;
use crate::Inspect;
use crate::forget::{Aggregate, ForgetError, ForgetOptions, ForgetReport, Relays, Rule, Search, delete, rewrite};

impl<W: Inspect> Operate<W> {
    /// Adds a snapshot storage. [`forget`](Self::forget) deletes the snapshots of the aggregate from all added
    /// storages. Defaults to no storages.
    pub fn snapshots(mut self, snapshots: impl SnapshotAdapter) -> Self {
        self.snapshots.push(Arc::new(snapshots));
        self
    }

    /// Sets the rule by which [`forget`](Self::forget) changes the events of one event store. A later call for the same
    /// event store replaces the rule. The function `replace` replaces the personal data in the payload and the metadata
    /// of an event. The function must be deterministic, and must leave events unchanged that it has already changed, so
    /// that the command can be repeated after a failure.
    ///
    /// ```no_run
    /// # use castore::prelude::*;
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
    /// # wiring! { pub struct Game; stores: [Pokemon], }
    /// # fn main() {
    /// # let storage = InMemoryEventStorageAdapter::new();
    /// castore::inspect::Operate::<Game>::new(env!("CARGO_PKG_VERSION"))
    ///     .events(storage)
    ///     .forget_with(|event: &mut EventDetail<Pokemon>| {
    ///         if let PokemonEvent::Appeared { name, .. } = &mut event.payload {
    ///             *name = "forgotten".to_owned();
    ///         }
    ///     });
    /// # }
    /// ```
    pub fn forget_with<S: EventSourced>(
        mut self,
        replace: impl Fn(&mut EventDetail<S>) + Send + Sync + 'static,
    ) -> Self {
        self.rules.retain(|rule| rule.event_store_id != S::EVENT_STORE_ID);
        self.rules.push(Rule::new(replace));
        self
    }

    /// Sets the storage for the option `--delete` of `events forget`, and for [`ForgetOptions::delete`]. It must be the
    /// storage of the events, without wrappers. Without this call, aggregates cannot be deleted.
    pub fn deletion(mut self, storage: impl AggregateDeletion) -> Self {
        self.deletion = Some(Arc::new(storage));
        self
    }

    /// Replaces the personal data in the events of an aggregate, by the rule of [`forget_with`](Self::forget_with), or
    /// deletes the events if [`ForgetOptions::delete`] is set. In both cases, deletes the snapshots of the aggregate.
    /// The report lists the places that may still contain the old data: read models, parked aggregates, dead letters,
    /// messages in brokers, and backups.
    ///
    /// # Rewriting
    /// Each event keeps its version, its position and its timestamp. Before anything is written, the method changes all
    /// events in memory, and checks that the aggregate can be loaded from them. Fields that the types of the program do
    /// not declare are removed from all events of the aggregate. One transaction rewrites up to 40 events. Events that
    /// are pushed to the aggregate while this method runs are not rewritten.
    ///
    /// # Deleting
    /// The events do not have to be readable, and no rule is necessary. All events are deleted in one transaction, with
    /// the snapshots in the same storage. If an event is pushed to the aggregate while this method runs, nothing is
    /// deleted. [`AggregateDeletion`] describes the storage after the deletion.
    ///
    /// If a relay may still have to publish an event of the aggregate, nothing is deleted, unless
    /// [`ForgetOptions::force`] is set. This includes relays that the program does not declare, for example one relay
    /// for each tenant, if they read the same log and the storage [can list
    /// them](castore_core::relay::RelayStorageAdapter::relay_names).
    ///
    /// # Cancellation
    /// If the future is dropped, only some of the events may have been rewritten. Call the method again to rewrite the
    /// others. Either all events are deleted or none, but the snapshots in other storages may remain.
    /// Call the method again to delete them.
    ///
    /// # Errors
    /// All variants of [`ForgetError`]. It is not an error if a place cannot be searched: the report lists the place as
    /// [`RemainingData::NotSearched`](crate::forget::RemainingData::NotSearched).
    pub async fn forget(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: ForgetOptions,
    ) -> Result<ForgetReport, ForgetError> {
        let storage = self.events.as_ref().ok_or(ForgetError::NoStorage)?;
        let event_store = || event_store_id.to_owned();
        let store =
            W::STORES.iter().find(|store| store.id() == event_store_id).ok_or_else(|| ForgetError::UnknownStore {
                event_store_id: event_store(),
                known: W::STORES.iter().map(StoreEntry::id).collect(),
            })?;
        let stored_id = Aggregate::stored_id(&**storage, event_store_id, aggregate_id).await?;
        let (aggregate_id, given_id) = (&*stored_id, aggregate_id);
        let aggregate = Aggregate { storage, snapshots: &self.snapshots, store, id: aggregate_id, given_id };
        let program = W::describe();
        let mut report = if options.delete {
            let deletion = self.deletion.as_ref().ok_or(ForgetError::NoDeletion)?;
            let relays = self.relays.as_ref().map(|(state, log)| (&**state, &**log));
            delete(&aggregate, &**deletion, Relays { program: &program, storage: relays }, options).await?
        } else {
            let rule = self.rules.iter().find(|rule| rule.event_store_id == event_store_id);
            let rule = rule.ok_or_else(|| ForgetError::NoRule { event_store_id: event_store() })?;
            rewrite(&aggregate, rule, options).await?
        };
        let search = Search {
            event_store_id,
            aggregate_id,
            program,
            has_snapshots: !self.snapshots.is_empty(),
            relays: self.relays.as_ref().map(|(state, log)| (&**state, &**log)),
            read_models: self.projections.iter().map(|database| &*database.registry).collect(),
            dead_letters: &self.dead_letters,
        };
        report.remaining = search.places().await;
        Ok(report)
    }

    /// Executes `events forget`. Returns `None` if the command is unknown.
    ///
    /// # Errors
    /// A text for the user that describes the failure.
    pub(super) async fn execute_forget(&self, command: &[&str], json: bool) -> Result<Option<Report>, String> {
        let arguments = Arguments::parse(command, &[], &["--dry-run", "--delete", "--force"])?;
        let [store, aggregate] = arguments.operands.as_slice() else { return Ok(None) };
        let [dry_run, delete, force] = ["--dry-run", "--delete", "--force"].map(|flag| arguments.has(flag));
        if force && !delete {
            return Err("`--force` is an option of `--delete`".to_owned());
        }
        let options = ForgetOptions::default().dry_run(dry_run).delete(delete).force(force);
        let report = self.forget(store, aggregate, options).await.map_err(|error| error_chain(&error))?;
        Ok(Some(Report::good(if json { format!("{:#}", report.to_json()) } else { report.to_string() })))
    }
}
