//! Programs on one storage are killed and paused at random, and the guarantees of the library must still hold.
//!
//! With `--nocapture`, each test prints its results. A test that fails prints its seed. If `CASTORE_KILL_SEED` is set
//! to this seed, the test repeats the same decisions, but not the same timing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fleet;
mod places;
mod projections;
mod relays;
mod seed;
mod stored;
mod transactions;

use std::time::{Duration, Instant};

/// The time limit for expected progress. The limit is long, because other programs may run on the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until a condition holds. `ask` returns a description of what is missing, or `None` if the condition holds.
async fn until(what: &str, mut ask: impl AsyncFnMut() -> Option<String>) {
    let begun = Instant::now();
    while let Some(missing) = ask().await {
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}: {missing}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
