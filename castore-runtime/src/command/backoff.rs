use std::time::Duration;

use castore_core::time::backoff_delay;

/// The limits of the random pauses between a conflict and the next attempt of a command.
///
/// Without a pause, several writers with a conflict on the same version would retry at the same time, and all but one
/// of them would fail again. Therefore each pause is a random time between zero and a limit. The limit starts at
/// `base`, doubles after each conflict and never exceeds `max`. Defaults to a base of 10 milliseconds and a maximum of
/// 1 second.
///
/// ```
/// # use std::time::Duration;
/// # use castore::prelude::*;
/// # #[derive(Clone, Debug, Event)]
/// # enum LampEvent { Switched }
/// # #[derive(Clone, Debug)]
/// # #[event_store(id = "LAMPS", event = LampEvent)]
/// # struct Lamp;
/// # impl Reducer for Lamp {
/// #     fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> { Ok(Lamp) }
/// # }
/// # fn main() {}
/// use castore::command::CommandBackoff;
///
/// #[command(
///     id = "SWITCH_LAMP",
///     retries = 20,
///     backoff = CommandBackoff::new(Duration::from_millis(2), Duration::from_millis(200)),
/// )]
/// async fn switch_lamp(id: &str, lamps: &impl Store<Lamp>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
///     let lamp = lamps.get_existing_aggregate(id).without_events().await?;
///     lamps.push_event(lamp.next_event(LampEvent::Switched)).await?;
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandBackoff {
    base: Duration,
    max: Duration,
}

impl CommandBackoff {
    /// A backoff without pauses: the command is retried immediately.
    pub const NONE: Self = Self::new(Duration::ZERO, Duration::ZERO);

    /// Creates a backoff with pauses of up to `base` after the first conflict. The limit doubles after each later
    /// conflict, up to `max`.
    pub const fn new(base: Duration, max: Duration) -> Self {
        Self { base, max }
    }

    /// Returns the maximum pause after the given attempt, counted from 1.
    pub fn limit_after(&self, attempt: u32) -> Duration {
        backoff_delay(self.base, self.max, attempt)
    }

    /// Sleeps after the given attempt, for a random time up to the limit.
    pub(super) async fn pause_after(&self, attempt: u32) {
        let pause = self.limit_after(attempt).mul_f64(fastrand::f64());
        // A sleep of zero would still require a runtime with a timer.
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

impl Default for CommandBackoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(10), Duration::from_secs(1))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn limit_doubles_up_to_the_maximum() {
        let limits = |backoff: CommandBackoff| {
            [1, 2, 3, 7, 8, 9, 100, u32::MAX].map(|attempt| backoff.limit_after(attempt).as_millis())
        };
        assert_eq!(limits(CommandBackoff::default()), [10, 20, 40, 640, 1000, 1000, 1000, 1000]);
        assert_eq!(limits(CommandBackoff::NONE), [0; 8]);
        let odd = CommandBackoff::new(Duration::from_millis(50), Duration::from_millis(20));
        assert_eq!(limits(odd), [20; 8]);
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_are_random_and_within_the_limit() {
        let backoff = CommandBackoff::default();
        let mut pauses = Vec::new();
        for _ in 0..100 {
            let begin = Instant::now();
            backoff.pause_after(8).await;
            pauses.push(begin.elapsed());
        }
        // Tokio rounds sleeps up to whole milliseconds.
        assert!(pauses.iter().all(|pause| *pause <= Duration::from_millis(1002)), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause < Duration::from_millis(400)), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause > Duration::from_millis(600)), "{pauses:?}");
    }
}
