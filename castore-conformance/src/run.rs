use std::time::Duration;

use crate::subscriber;

/// The time limit of one behavior. If a behavior takes longer, the adapter probably hangs.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// Runs one behavior on its own runtime, like `#[tokio::test(flavor = "multi_thread")]`. With this function, the author
/// of the adapter needs no dependency on tokio. If the adapter hangs, the test fails after a time limit.
pub fn run(behavior: impl Future<Output = ()>) {
    let _rendering = subscriber::render_logs_of_this_thread();
    tokio::runtime::Builder::new_multi_thread()
        // Races are found more often if threads preempt each other, so the runtime may have more threads than the
        // machine has cores.
        .worker_threads(4)
        // The guard is leaked, so that the subscriber is active until its thread ends. The threads end with the
        // runtime.
        .on_thread_start(|| std::mem::forget(subscriber::render_logs_of_this_thread()))
        .enable_all()
        .build()
        .expect("a tokio runtime")
        .block_on(async {
            tokio::time::timeout(TIME_LIMIT, behavior)
                .await
                .unwrap_or_else(|_| panic!("the behavior did not complete within {TIME_LIMIT:?}"));
        });
}
