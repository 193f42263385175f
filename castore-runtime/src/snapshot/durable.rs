use castore_core::aggregate::Aggregate;
use castore_core::error::error_chain;
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::json::{check_json, to_json};
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{KeepsSnapshots, SnapshotOwner, StoredSnapshot};

/// A state that can be stored in snapshots, because serde can serialize and deserialize it.
#[diagnostic::on_unimplemented(
    message = "snapshots of event store `{Self}` cannot be stored: serde cannot serialize and deserialize its state",
    label = "not serializable",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or keep its snapshots in memory, with an `InMemorySnapshotAdapter`"
)]
pub trait SnapshotState: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> SnapshotState for T {}

/// A snapshot store that keeps states as JSON in a storage.
pub(super) struct Durable<A>(pub(super) A);

impl<S: EventSourced + SnapshotState, A: SnapshotAdapter> KeepsSnapshots<S> for Durable<A> {
    fn latest<'a>(
        &'a self,
        owner: &'a SnapshotOwner<'a, S>,
        max_version: Option<u64>,
    ) -> BoxFuture<'a, Option<StoredSnapshot<S>>> {
        Box::pin(async move {
            let snapshot = match self.0.latest_snapshot(&SnapshotKey::of::<S>(owner.id), max_version).await {
                Ok(snapshot) => snapshot?,
                Err(error) => {
                    warn::<S>(owner.id, "could not read a snapshot; all events of the aggregate are read", &error);
                    return None;
                }
            };
            match serde_json::from_str(snapshot.state.get()) {
                Ok(state) => {
                    let aggregate_id = owner.aggregate_id.clone();
                    let aggregate = Aggregate { aggregate_id, version: snapshot.version, state };
                    Some(StoredSnapshot {
                        aggregate,
                        last_event: snapshot.event_timestamp,
                        rewrites: snapshot.rewrites,
                    })
                }
                Err(_) => {
                    // The error is not logged, because serde's text may quote the state.
                    let (event_store, version) = (S::EVENT_STORE_ID, snapshot.version);
                    tracing::warn!(event_store, aggregate_id = owner.id, version, "a snapshot is damaged");
                    None
                }
            }
        })
    }

    fn put<'a>(&'a self, owner: &'a SnapshotOwner<'a, S>, held: StoredSnapshot<S>, keep: usize) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let version = held.aggregate.version;
            let state = match state_json(&held.aggregate.state) {
                Ok(state) => state,
                Err(error) => {
                    tracing::warn!(
                        event_store = S::EVENT_STORE_ID,
                        aggregate_id = owner.id,
                        version,
                        error,
                        "the state of an aggregate cannot be stored as JSON"
                    );
                    return;
                }
            };
            let snapshot = Snapshot { version, rewrites: held.rewrites, event_timestamp: held.last_event, state };
            if let Err(error) = self.0.put_snapshot(&SnapshotKey::of::<S>(owner.id), snapshot, keep).await {
                warn::<S>(owner.id, "could not store a snapshot", &error);
            }
        })
    }

    fn forget<'a>(&'a self, owner: &'a SnapshotOwner<'a, S>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(error) = self.0.delete_snapshots(S::EVENT_STORE_ID, owner.id).await {
                warn::<S>(owner.id, "could not remove the snapshots of a rewritten aggregate", &error);
            }
        })
    }
}

/// Returns the state as JSON that can be read again. Debug builds verify this by reading the JSON.
fn state_json<S: SnapshotState>(state: &S) -> Result<Box<RawValue>, String> {
    let json = to_json("state", state).map_err(|error| error_chain(&error))?;
    if cfg!(debug_assertions) {
        check_json("state", state, &json)?;
    }
    Ok(json)
}

fn warn<S: EventSourced>(aggregate_id: &str, problem: &str, error: &(dyn std::error::Error + 'static)) {
    tracing::warn!(
        event_store = S::EVENT_STORE_ID,
        aggregate_id,
        problem,
        error = error_chain(error),
        "a snapshot operation failed"
    );
}
