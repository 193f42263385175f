//! How fast messages are published.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How late a timer may wake up without the schedule moving. Timers tick by the millisecond: without this, high rates
/// would lose a tick at each message.
const TIMER_SLACK: Duration = Duration::from_millis(5);

/// Spaces messages evenly, by their starts. The first goes at once.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    interval: Option<Duration>,
    next: Option<Instant>,
}

impl Rate {
    pub(crate) fn per_second(messages: NonZeroU32) -> Self {
        Self { interval: Some(Duration::from_secs(1) / messages.get()), next: None }
    }

    /// Waits until the next message may go. After a stall the schedule starts anew: there is no burst to catch up.
    pub(crate) async fn wait(&mut self) {
        let Some(interval) = self.interval else { return };
        let due = self.next.unwrap_or_else(Instant::now);
        sleep_until(due).await;
        let now = Instant::now();
        let start = if now.saturating_duration_since(due) <= TIMER_SLACK { due } else { now };
        self.next = Some(start + interval);
    }
}
