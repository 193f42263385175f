use std::time::Duration;

use crate::subscriber;

/// How long one behaviour may take before it counts as stuck.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// Runs one behaviour on a runtime of its own, as `#[tokio::test(flavor = "multi_thread")]` does, but without asking
/// the adapter's author for tokio. An adapter that hangs fails, instead of hanging the test run.
pub fn run(behaviour: impl Future<Output = ()>) {
    let _rendering = subscriber::render_logs_of_this_thread();
    tokio::runtime::Builder::new_multi_thread()
        // More than most test machines have cores: races need threads that are in one another's way.
        .worker_threads(4)
        // The threads end with the runtime, and the subscriber with them.
        .on_thread_start(|| std::mem::forget(subscriber::render_logs_of_this_thread()))
        .enable_all()
        .build()
        .expect("a tokio runtime")
        .block_on(async {
            tokio::time::timeout(TIME_LIMIT, behaviour)
                .await
                .unwrap_or_else(|_| panic!("stuck: not done after {TIME_LIMIT:?}"));
        });
}
