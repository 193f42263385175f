//! Random runs against simple models.

mod filters;
mod json;
mod lists;
mod order;
mod simulate;
mod stores;

use std::future::Future;

use castore::Timestamp;
use proptest::test_runner::Config;

/// Counter-examples are printed; a file of them would go stale.
fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Runs on a clock of its own, on which nothing takes time.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

/// A day of January 2024, from 0.
fn day(day: u8) -> Timestamp {
    Timestamp::from_unix_millis(1_704_067_200_000 + i64::from(day) * 86_400_000).unwrap()
}
