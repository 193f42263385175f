//! The rate limit of a pour.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The tolerance for late timers: a message that is late by at most this time does not shift the schedule. Timers have
/// a resolution of one millisecond. Without this tolerance, a pour with a high rate would fall behind with each
/// message.
const TIMER_SLACK: Duration = Duration::from_millis(5);

/// A rate limiter that spaces the publishing of messages evenly. The first message is published immediately.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    interval: Option<Duration>,
    next: Option<Instant>,
}

impl Rate {
    pub(crate) fn per_second(messages: NonZeroU32) -> Self {
        Self { interval: Some(Duration::from_secs(1) / messages.get()), next: None }
    }

    /// Waits until the next message may be published. After a delay, the schedule starts again from now, without a
    /// burst.
    pub(crate) async fn wait(&mut self) {
        let Some(interval) = self.interval else { return };
        let due = self.next.unwrap_or_else(Instant::now);
        sleep_until(due).await;
        let now = Instant::now();
        let start = if now.saturating_duration_since(due) <= TIMER_SLACK { due } else { now };
        self.next = Some(start + interval);
    }
}
