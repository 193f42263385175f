//! Tests of readers that run concurrently with a projection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::ReadModelFactory;
use super::case::{ReadModelCase, event};

/// Tests that readers always see the checkpoint and the events together: all events up to the checkpoint, and no event
/// beyond it.
pub async fn readers_see_checkpoint_and_model_together(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let store = case.open(1).await;
    let other = case.open(1).await;
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (database, done) = (case.database.clone(), done.clone());
        async move {
            let mut reads = 0;
            while !done.load(Ordering::SeqCst) || reads == 0 {
                let before = other.version().await.position;
                let counts = database.read().await;
                let after = other.version().await.position;
                let number = counts.values().copied().max().unwrap_or(0);
                assert!(counts.values().all(|count| *count == number), "a part of a page: {counts:?}");
                assert!(before <= number && number <= after, "{number} pages between positions {before} and {after}");
                reads += 1;
                tokio::time::sleep(Duration::from_micros(100)).await;
            }
        }
    });
    for position in 1..=60 {
        // Each page has an event for each aggregate.
        let page: Arc<[_]> = ["a", "b", "c"].map(|aggregate| event(aggregate, position)).into();
        store.apply_all(&page, position - 1, position).await;
    }
    done.store(true, Ordering::SeqCst);
    reader.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
}
