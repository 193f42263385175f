//! The worker of the backup queue, which keeps the latest state of each aggregate as JSON.
//!
//! State-carrying messages contain the aggregate, so the worker does not read the event store. (A real worker would
//! send the JSON to another location.)

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use castore::prelude::*;

use crate::channels::{BackupQueue, BackupQueueMessage};

#[derive(Debug, Clone, Default)]
pub struct Backup(Arc<Mutex<BTreeMap<String, Kept>>>);

#[derive(Debug)]
struct Kept {
    version: u64,
    json: String,
}

impl Backup {
    pub fn work_for(queue: &InMemoryMessageQueueAdapter<BackupQueue>) -> Self {
        let backup = Self::default();
        let worker = backup.clone();
        queue.worker(move |message, _context| {
            let worker = worker.clone();
            async move {
                match &*message {
                    BackupQueueMessage::Pokemon(message) => worker.keep(&message.aggregate)?,
                    BackupQueueMessage::Trainer(message) => worker.keep(&message.aggregate)?,
                }
                Ok(())
            }
        });
        backup
    }

    fn keep<S: EventSourced + serde::Serialize>(&self, aggregate: &Aggregate<S>) -> Result<(), serde_json::Error> {
        let json = serde_json::to_string(aggregate)?;
        let key = format!("{}/{}", S::EVENT_STORE_ID, aggregate.aggregate_id);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = kept.entry(key).or_insert(Kept { version: 0, json: String::new() });
        // If two writers push events of an aggregate, messages may arrive in another order than the events were stored.
        if copy.version < aggregate.version {
            *copy = Kept { version: aggregate.version, json };
        }
        Ok(())
    }

    /// Returns the aggregates as JSON, ordered by event store and id.
    pub fn kept(&self) -> Vec<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.values().map(|copy| copy.json.clone()).collect()
    }
}
