use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Barrier;

/// Makes a conflict certain, for the reader's sake: the first two attempts meet here between reading and pushing, so
/// that both have seen the same version. Later attempts go straight on.
#[derive(Debug)]
pub struct Moment {
    awaited: usize,
    arrived: AtomicUsize,
    meeting: Barrier,
}

impl Moment {
    /// Nobody waits for anybody: how it is in a real program.
    pub fn undisturbed() -> Self {
        Self { awaited: 0, arrived: AtomicUsize::new(0), meeting: Barrier::new(1) }
    }

    /// Two commands are to meet.
    pub fn shared_by_two() -> Self {
        Self { awaited: 2, arrived: AtomicUsize::new(0), meeting: Barrier::new(2) }
    }

    pub async fn pass(&self) {
        if self.arrived.fetch_add(1, Ordering::Relaxed) < self.awaited {
            self.meeting.wait().await;
        }
    }
}
