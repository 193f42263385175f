use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// A counter of the pushes of an event store that run in the background because their futures were dropped.
#[derive(Debug, Clone)]
pub(super) struct BackgroundPushes(TaskTracker);

impl BackgroundPushes {
    /// Counts a push until the returned token is dropped.
    pub(super) fn begin(&self) -> TaskTrackerToken {
        self.0.token()
    }

    /// Returns the number of running pushes.
    pub(super) fn running(&self) -> usize {
        self.0.len()
    }

    /// Waits until no push is running.
    pub(super) async fn ended(&self) {
        self.0.wait().await;
    }
}

impl Default for BackgroundPushes {
    fn default() -> Self {
        let tracker = TaskTracker::new();
        // `wait` returns only after `close`. A closed tracker still counts new tasks.
        tracker.close();
        Self(tracker)
    }
}
