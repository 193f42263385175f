use std::time::Duration;

/// The maximum number of messages per call of the adapter. This number adapts to the speed of the adapter, so that
/// calls finish within the publish timeout.
///
/// If the adapter publishes the messages of a call one after the other, the duration of the call grows with the number
/// of messages. If the size did not shrink, a call that is too large for the timeout would be repeated forever.
#[derive(Debug)]
pub(super) struct CallSize {
    now: usize,
    max: usize,
}

impl CallSize {
    pub(super) fn new(max: usize) -> Self {
        Self { now: max, max }
    }

    pub(super) fn get(&self) -> usize {
        self.now
    }

    /// Halves the size after a call with `messages` messages timed out. Returns whether the next call is smaller.
    pub(super) fn timed_out(&mut self, messages: usize) -> bool {
        self.now = (self.now.min(messages) / 2).max(1);
        self.now < messages
    }

    /// Doubles the size after a full call that took at most a quarter of the timeout. After a slower call, the size
    /// stays the same, because the messages of a call that times out are published twice.
    pub(super) fn finished(&mut self, messages: usize, took: Duration, publish_timeout: Duration) {
        if messages >= self.now && took <= publish_timeout / 4 {
            self.now = self.now.saturating_mul(2).min(self.max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    #[test]
    fn size_halves_down_to_one_and_doubles_up_to_the_maximum() {
        let mut size = CallSize::new(500);
        for expected in [250, 125, 62, 31, 15, 7, 3, 1, 1] {
            let before = size.get();
            assert_eq!(size.timed_out(before), before > 1);
            assert_eq!(size.get(), expected);
        }
        for expected in [2, 4, 8, 16, 32, 64, 128, 256, 500, 500] {
            size.finished(size.get(), TIMEOUT / 4, TIMEOUT);
            assert_eq!(size.get(), expected);
        }
    }

    #[test]
    fn size_does_not_grow_after_a_slow_call_or_a_call_that_was_not_full() {
        let mut size = CallSize::new(8);
        size.timed_out(8);
        size.finished(4, TIMEOUT / 2, TIMEOUT);
        size.finished(3, Duration::ZERO, TIMEOUT);
        assert_eq!(size.get(), 4);
    }
}
