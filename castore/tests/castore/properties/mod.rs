//! Property tests, which compare random runs with simple models.

mod filters;
mod json;
mod lists;
mod order;
mod simulate;
mod stores;

use std::future::Future;

use castore::Timestamp;
use proptest::test_runner::Config;

/// Returns the configuration of proptest. Counterexamples are printed, and not stored in a file.
fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Runs a future with a paused clock.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

/// Returns the start of a day of January 2024. `day` 0 is the first of January.
fn day(day: u8) -> Timestamp {
    Timestamp::from_unix_millis(1_704_067_200_000 + i64::from(day) * 86_400_000).unwrap()
}
