use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use castore_core::consumer::HandlerError;
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::log::{EventLog, Logged};
use castore_projection::{InMemoryProjection, InMemoryReadModels, ProjectionOptions, ReadModel};
use castore_testing::rolling::Journal;

use super::factory::RollingStorage;

/// Returns the highest pushed version of each aggregate.
pub(super) fn last_versions(journal: &Journal) -> BTreeMap<String, u64> {
    let mut versions = BTreeMap::new();
    for event in journal.pushed() {
        let version = versions.entry(event.aggregate_id).or_insert(0);
        *version = event.version.max(*version);
    }
    versions
}

/// A read model that counts the events of a store.
struct Count<S>(PhantomData<fn() -> S>);

impl<S: EventSourced> ReadModel for Count<S>
where
    EventDetail<S>: Logged,
{
    const NAME: &'static str = "rolling_count";
    const VERSION: u32 = 1;
    type Event = EventDetail<S>;
}

impl<S: EventSourced> InMemoryProjection for Count<S>
where
    EventDetail<S>: Logged,
{
    type Model = u64;

    fn apply(&self, count: &mut u64, _: &EventDetail<S>) -> Result<(), HandlerError> {
        *count += 1;
        Ok(())
    }
}

/// Builds a read model from the whole log, and returns the number of events in it.
pub(super) async fn count_events<S: EventSourced>(storage: Arc<dyn RollingStorage>, patience: Duration) -> u64
where
    EventDetail<S>: Logged,
{
    let models = InMemoryReadModels::new();
    let end = storage.end().await.expect("the end of the log");
    let options = ProjectionOptions::default();
    let running = models.start(Count::<S>(PhantomData), storage, options).await.expect("a projection");
    running.wait_for(end.last_position, patience).await.expect("the projection reads the log");
    running.shutdown().await.expect("the projection ends");
    models.get::<Count<S>>().map_or(0, |count| *count)
}
