use std::sync::Arc;

use castore_core::consumer::DeadLetters;
use castore_core::describe::ProgramDescription;
use castore_core::error::error_chain;
use castore_core::log::{EventLog, LogId};
use castore_core::relay::RelayStorageAdapter;
use castore_core::storage::StorageError;
use castore_projection::engine::ReadModelRegistry;
use serde_json::Value;

use super::RemainingData;
use crate::relay_names::{RelayName, relay_names};

/// The maximum number of dead letters that are searched for each consumer.
const LETTERS: usize = 1_000;

/// A search for the places that may still contain the old data of an aggregate.
pub(crate) struct Search<'a> {
    pub(crate) event_store_id: &'a str,
    pub(crate) aggregate_id: &'a str,
    pub(crate) program: ProgramDescription,
    /// Whether the command line has access to a snapshot storage. If so, the snapshots of the aggregate are not a
    /// remaining place, because they are deleted.
    pub(crate) has_snapshots: bool,
    pub(crate) relays: Option<(&'a dyn RelayStorageAdapter, &'a dyn EventLog)>,
    pub(crate) read_models: Vec<&'a dyn ReadModelRegistry>,
    pub(crate) dead_letters: &'a [(String, Arc<dyn DeadLetters>)],
}

impl Search<'_> {
    /// Returns the places. A place that cannot be searched is not an error, but part of the result: the events are
    /// already rewritten, and the caller still needs the other places.
    pub(crate) async fn places(&self) -> Vec<RemainingData> {
        let mut places = Vec::new();
        if !self.has_snapshots {
            places.push(not_registered("snapshots of the aggregate", "snapshots(storage)"));
        }
        self.read_models(&mut places).await;
        self.relays(&mut places).await;
        self.dead_letters(&mut places).await;
        for channel in self.program.channels.iter().filter(|channel| channel.sources.contains(&self.event_store_id)) {
            let consumers = self.program.consumers.iter().filter(|consumer| consumer.channel == channel.id);
            places.push(RemainingData::Channel {
                id: channel.id.to_owned(),
                kind: channel.kind.to_owned(),
                consumers: consumers.map(|consumer| consumer.name.to_owned()).collect(),
            });
        }
        places.extend([RemainingData::Processes, RemainingData::Backups]);
        places
    }

    async fn read_models(&self, places: &mut Vec<RemainingData>) {
        let mut found = Vec::new();
        for registry in &self.read_models {
            match self.read_models_of(*registry).await {
                Ok(of_registry) => found.extend(of_registry),
                Err(error) => places.push(not_searched("a database of read models", &error)),
            }
        }
        for model in self.program.read_models.iter().filter(|model| model.sources.contains(&self.event_store_id)) {
            let is_found = found.iter().any(
                |place| matches!(place, RemainingData::ReadModel { name, version, .. } if (&**name, *version) == (model.name, model.version)),
            );
            if !is_found {
                let (name, version) = (model.name.to_owned(), model.version);
                found.push(RemainingData::ReadModel { name, version, is_parked: false });
            }
        }
        if self.read_models.is_empty() && !found.is_empty() {
            let place = "the parked aggregates of these read models";
            found.push(not_registered(place, "projections(read_models, log)"));
        }
        places.append(&mut found);
    }

    /// Returns the read models of a registry that may contain data of the event store, in all their versions. These are
    /// all read models, except those that the program declares without this event store.
    async fn read_models_of(&self, registry: &dyn ReadModelRegistry) -> Result<Vec<RemainingData>, StorageError> {
        let mut found = Vec::new();
        for entry in registry.versions().await? {
            let mut declared = self.program.read_models.iter().filter(|model| model.name == entry.name).peekable();
            if declared.peek().is_some() && !declared.any(|model| model.sources.contains(&self.event_store_id)) {
                continue;
            }
            let parked = registry.parked(&entry.name, entry.version).await?;
            let is_parked = parked.iter().any(|parked| parked.is(self.event_store_id, self.aggregate_id));
            found.push(RemainingData::ReadModel { name: entry.name, version: entry.version, is_parked });
        }
        Ok(found)
    }

    async fn relays(&self, places: &mut Vec<RemainingData>) {
        let place = |relay: &str| format!("the parked aggregates of relay {relay}");
        let declared = self.program.relays.iter().map(|relay| relay.name);
        let Some((state, log)) = self.relays else {
            places.extend(declared.map(|relay| not_registered(place(relay), "relays(storage)")));
            return;
        };
        let (log_id, relays) = match (log.log_id().await, relay_names(declared, state).await) {
            (Ok(log_id), Ok(relays)) => (log_id, relays),
            (Err(error), _) | (_, Err(error)) => {
                places.push(not_searched("the parked aggregates of the relays", &error));
                return;
            }
        };
        for RelayName { name, .. } in relays {
            match self.is_parked(state, &name, &log_id).await {
                Ok(is_parked) => places.extend(is_parked.then_some(RemainingData::Relay { name })),
                Err(error) => places.push(not_searched(place(&name), &error)),
            }
        }
    }

    /// Returns whether a relay of this log has parked the aggregate. A relay of another log, for example of another
    /// tenant, may have parked another aggregate with the same id.
    async fn is_parked(
        &self,
        state: &dyn RelayStorageAdapter,
        relay: &str,
        log_id: &LogId,
    ) -> Result<bool, StorageError> {
        if state.checkpoint(relay).await?.is_some_and(|checkpoint| checkpoint.log_id != *log_id) {
            return Ok(false);
        }
        let key = (self.event_store_id, self.aggregate_id);
        let parked = state.parked(relay).await?;
        Ok(parked.iter().any(|parked| (&*parked.event_store_id, &*parked.aggregate_id) == key))
    }

    async fn dead_letters(&self, places: &mut Vec<RemainingData>) {
        for (consumer, letters) in self.dead_letters {
            match letters.list(LETTERS).await {
                Ok(listed) => {
                    let is_whole = listed.len() < LETTERS;
                    let about = listed.into_iter().filter(|letter| self.is_about_aggregate(&letter.body));
                    places.extend(
                        about.map(|letter| RemainingData::DeadLetter { consumer: consumer.clone(), id: letter.id }),
                    );
                    if !is_whole {
                        let place = format!("further dead letters of {consumer}");
                        let reason = format!("only {LETTERS} are searched; drop or redrive some of them");
                        places.push(RemainingData::NotSearched { place, reason });
                    }
                }
                Err(error) => places.push(not_searched(format!("the dead letters of {consumer}"), &error)),
            }
        }
        if self.dead_letters.is_empty() && !self.program.consumers.is_empty() {
            places.push(not_registered("the dead letters of the consumers", "dead_letters(consumer, letters)"));
        }
    }

    /// Returns whether a message is about the aggregate. For a message that is not in the format of this library,
    /// returns whether its text contains the id of the aggregate.
    fn is_about_aggregate(&self, body: &str) -> bool {
        let Ok(message) = serde_json::from_str::<Value>(body) else { return body.contains(self.aggregate_id) };
        let Some(event_store_id) = message["eventStoreId"].as_str() else { return body.contains(self.aggregate_id) };
        let ids = [&message["aggregateId"], &message["event"]["aggregateId"], &message["aggregate"]["aggregateId"]];
        event_store_id == self.event_store_id && ids.iter().any(|id| id.as_str() == Some(self.aggregate_id))
    }
}

/// Returns a place to which the command line has no access, because a method of `Operate` was not called.
fn not_registered(place: impl Into<String>, method: &str) -> RemainingData {
    let reason = format!("call `{method}` in the binary `operate`");
    RemainingData::NotSearched { place: place.into(), reason }
}

fn not_searched(place: impl Into<String>, error: &(dyn std::error::Error + 'static)) -> RemainingData {
    RemainingData::NotSearched { place: place.into(), reason: error_chain(error) }
}
