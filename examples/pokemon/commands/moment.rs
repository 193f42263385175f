use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Barrier;

/// A meeting point of two commands, which forces a conflict for demonstration: the first two attempts wait for each
/// other between reading and pushing, so that both have read the same version. Later attempts do not wait.
#[derive(Debug)]
pub struct Moment {
    awaited: usize,
    arrived: AtomicUsize,
    meeting: Barrier,
}

impl Moment {
    /// Creates a meeting point at which no command waits, as in a real program.
    pub fn undisturbed() -> Self {
        Self { awaited: 0, arrived: AtomicUsize::new(0), meeting: Barrier::new(1) }
    }

    /// Creates a meeting point at which two commands wait for each other.
    pub fn shared_by_two() -> Self {
        Self { awaited: 2, arrived: AtomicUsize::new(0), meeting: Barrier::new(2) }
    }

    pub async fn pass(&self) {
        if self.arrived.fetch_add(1, Ordering::Relaxed) < self.awaited {
            self.meeting.wait().await;
        }
    }
}
