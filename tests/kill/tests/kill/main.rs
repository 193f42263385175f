//! Programs on one storage are killed and paused at random; what they promise must hold all the same.
//!
//! Each test says what it did with `--nocapture`, and its seed when it fails: `CASTORE_KILL_SEED` runs it again with
//! the same decisions, though never with the same moments.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fleet;
mod places;
mod projections;
mod relays;
mod seed;
mod stored;

use std::time::{Duration, Instant};

/// How long what must happen may take. Other things may run on the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something is so. `ask` answers what is still missing.
async fn until(what: &str, mut ask: impl AsyncFnMut() -> Option<String>) {
    let begun = Instant::now();
    while let Some(missing) = ask().await {
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}: {missing}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
