use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use castore_core::consumer::HandlerError;
use castore_core::future::panic_text;
use castore_core::log::{LogEntry, LogId};

use super::InMemoryProjection;
use super::state::{Kept, State, live};
use crate::engine::{
    self, Applied, Checkpoint, ReadModelStore, ReadModelVersion, Rejection, Retried, StoreError, Swapped,
};
use crate::{ParkedProjectionAggregate, ProjectionRequest};

/// A store for one version of an in-memory read model.
///
/// Handlers run on a clone of the model, outside of the lock. The clone replaces the model only if the checkpoint, or
/// the position of the parked aggregate, is unchanged. This corresponds to a transaction in a database.
pub(crate) struct InMemoryStore<P> {
    state: Arc<State>,
    projection: P,
}

impl<P: InMemoryProjection> InMemoryStore<P> {
    pub(super) fn new(state: Arc<State>, projection: P) -> Self {
        Self { state, projection }
    }

    /// Calls `act` with the version, under the lock. Returns `None` if the version was dropped.
    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> Option<T> {
        self.state.lock().get_mut(&(P::NAME.to_owned(), P::VERSION)).map(act)
    }

    fn apply_one(&self, model: &mut P::Model, event: &LogEntry) -> Result<(), Rejection> {
        let event = engine::decode::<P::Event>(event)?;
        catch_unwind(AssertUnwindSafe(|| self.projection.apply(model, &event)))
            .unwrap_or_else(|panic| Err(HandlerError::panicked(panic)))
            .map_err(Rejection::Handler)
    }
}

/// Clones the model. `clone` is user code, which may panic or read the models, so it runs outside of the lock.
fn clone_of<P: InMemoryProjection>(model: &Arc<dyn Any + Send + Sync>) -> Result<P::Model, StoreError> {
    // The type can differ only if a projection of the same name and version has another model.
    let clone = || model.downcast_ref::<P::Model>().cloned().unwrap_or_default();
    catch_unwind(AssertUnwindSafe(clone))
        .map_err(|panic| StoreError::Fatal(format!("cloning the model panicked: {}", panic_text(&*panic)).into()))
}

fn key(event: &LogEntry) -> (String, String) {
    (event.event_store_id.to_string(), event.event.aggregate_id.clone())
}

impl<P: InMemoryProjection> ReadModelStore for InMemoryStore<P> {
    const NAME: &'static str = P::NAME;
    const VERSION: u32 = P::VERSION;

    async fn apply(
        &self,
        events: Arc<[LogEntry]>,
        range: Range<usize>,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        let read = |kept: &mut Kept| (kept.reported(), Arc::clone(&kept.model), kept.parked.clone());
        let Some((version, model, parked)) = self.with(read) else { return Ok(Applied::Gone) };
        if version.position != from {
            return Ok(Applied::Moved(version));
        }
        let mut model = clone_of::<P>(&model)?;
        for (index, event) in events.get(range).unwrap_or_default().iter().enumerate() {
            if parked.contains_key(&key(event)) {
                continue;
            }
            if let Err(refusal) = self.apply_one(&mut model, event) {
                return Ok(Applied::Refused { index, refusal });
            }
        }
        let mut model: Arc<dyn Any + Send + Sync> = Arc::new(model);
        let commit = |kept: &mut Kept| {
            if kept.version.position != from || kept.parked != parked {
                return Applied::Moved(kept.reported());
            }
            kept.move_to(to);
            // The old model is dropped by this method, outside of the lock, because its `drop` is user code.
            std::mem::swap(&mut kept.model, &mut model);
            Applied::Done(kept.reported())
        };
        Ok(self.with(commit).unwrap_or(Applied::Gone))
    }

    async fn park(
        &self,
        aggregate: ParkedProjectionAggregate,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        let park = |kept: &mut Kept| {
            if kept.version.position != from {
                return Applied::Moved(kept.reported());
            }
            kept.move_to(to);
            kept.parked.insert((aggregate.event_store_id.clone(), aggregate.aggregate_id.clone()), aggregate);
            Applied::Done(kept.reported())
        };
        Ok(self.with(park).unwrap_or(Applied::Gone))
    }

    async fn swap(&self, position: u64, scanned_to: u64) -> Result<Swapped, StoreError> {
        let mut versions = self.state.lock();
        let before = live(&mut versions, P::NAME).map(|kept| (kept.version.version, kept.version.position));
        if before.is_some_and(|(version, _)| version > P::VERSION) {
            return Ok(Swapped::Superseded);
        }
        let at_least = before.map_or(0, |(_, position)| position);
        match versions.get_mut(&(P::NAME.to_owned(), P::VERSION)) {
            Some(own) if own.version.position == position && at_least <= scanned_to => {
                own.version.position = position.max(at_least);
            }
            _ => return Ok(Swapped::NotYet),
        }
        let mut done = Swapped::NotYet;
        for kept in versions.values_mut().filter(|kept| kept.version.name == P::NAME) {
            kept.version.live = kept.version.version == P::VERSION;
            if kept.version.live {
                done = Swapped::Done(kept.reported());
            }
        }
        Ok(done)
    }

    async fn version(&self) -> Result<Option<ReadModelVersion>, StoreError> {
        Ok(self.with(|kept| kept.reported()))
    }

    async fn find_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StoreError> {
        let key = (event_store_id.to_owned(), aggregate_id.to_owned());
        Ok(self.with(|kept| next_position(&kept.parked, &key)).flatten())
    }

    async fn apply_parked(&self, event: LogEntry, from: u64) -> Result<Retried, StoreError> {
        let key = key(&event);
        loop {
            let read =
                |kept: &mut Kept| (kept.version.position, Arc::clone(&kept.model), next_position(&kept.parked, &key));
            let Some((position, model, next)) = self.with(read) else { return Ok(Retried::Changed) };
            if next != Some(from) {
                return Ok(Retried::Changed);
            }
            let mut model = clone_of::<P>(&model)?;
            if let Err(refusal) = self.apply_one(&mut model, &event) {
                return Ok(Retried::Refused(refusal));
            }
            let mut model: Arc<dyn Any + Send + Sync> = Arc::new(model);
            let commit = |kept: &mut Kept| {
                // Without this check, the clone would overwrite the changes that another runner has made in the
                // meantime.
                let is_whole = kept.version.position == position && next_position(&kept.parked, &key) == next;
                if is_whole {
                    if let Some(parked) = kept.parked.get_mut(&key) {
                        parked.next_position = event.position + 1;
                    }
                    std::mem::swap(&mut kept.model, &mut model);
                }
                is_whole
            };
            if self.with(commit).unwrap_or(true) {
                return Ok(Retried::Done);
            }
        }
    }

    async fn refuse_parked(&self, event: LogEntry, error: String) -> Result<(), StoreError> {
        self.with(|kept| {
            if let Some(parked) = kept.parked.get_mut(&key(&event))
                && let Some(again) = parked.clone().refused_again(&event, error)
            {
                *parked = again;
            }
        });
        Ok(())
    }

    async fn unpark(&self, event_store_id: &str, aggregate_id: &str, checkpoint: u64) -> Result<bool, StoreError> {
        let key = (event_store_id.to_owned(), aggregate_id.to_owned());
        let unpark = |kept: &mut Kept| {
            let is_done = kept.version.position == checkpoint;
            if is_done {
                kept.parked.remove(&key);
            }
            is_done
        };
        // A dropped version has no parked aggregates.
        Ok(self.with(unpark).unwrap_or(true))
    }

    async fn requests(&self) -> Result<Vec<ProjectionRequest>, StoreError> {
        Ok(self.with(|kept| kept.requests.iter().cloned().collect()).unwrap_or_default())
    }

    async fn close_request(&self, request: ProjectionRequest) -> Result<(), StoreError> {
        self.with(|kept| kept.requests.remove(&request));
        Ok(())
    }

    async fn rebuild(&self, log_id: &LogId) -> Result<Option<ReadModelVersion>, StoreError> {
        // The models are created and freed outside of the lock, because `default` and `drop` of a model are user code.
        let mut model: Arc<dyn Any + Send + Sync> = Arc::new(P::Model::default());
        Ok(self.with(|kept| {
            if kept.requests.contains(&ProjectionRequest::Rebuild) {
                kept.version.log_id = log_id.clone();
                kept.version.position = 0;
                kept.version.event = None;
                kept.parked.clear();
                kept.requests.clear();
                std::mem::swap(&mut kept.model, &mut model);
            }
            kept.reported()
        }))
    }
}

fn next_position(
    parked: &BTreeMap<(String, String), ParkedProjectionAggregate>,
    key: &(String, String),
) -> Option<u64> {
    parked.get(key).map(|parked| parked.next_position)
}
