use std::time::Duration;

/// How many messages a call of the adapter may have, so that it ends within the publish time-out. Adapters that publish
/// one message after the other need time for each: a call that never ends in time would be made again for ever.
#[derive(Debug)]
pub(crate) struct CallSize {
    now: usize,
    most: usize,
}

impl CallSize {
    pub(crate) fn new(most: usize) -> Self {
        Self { now: most, most }
    }

    pub(crate) fn get(&self) -> usize {
        self.now
    }

    /// A call of so many messages took too long.
    pub(crate) fn timed_out(&mut self, messages: usize) {
        self.now = (self.now.min(messages) / 2).max(1);
    }

    /// A call of so many messages was answered. The next has twice as many only if that fits well: one that is too long
    /// publishes its messages twice.
    pub(crate) fn answered(&mut self, messages: usize, took: Duration, publish_timeout: Duration) {
        if messages >= self.now && took <= publish_timeout / 4 {
            self.now = self.now.saturating_mul(2).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    #[test]
    fn halves_down_to_one_and_doubles_up_to_the_batch() {
        let mut size = CallSize::new(500);
        for expected in [250, 125, 62, 31, 15, 7, 3, 1, 1] {
            size.timed_out(size.get());
            assert_eq!(size.get(), expected);
        }
        for expected in [2, 4, 8, 16, 32, 64, 128, 256, 500, 500] {
            size.answered(size.get(), TIMEOUT / 4, TIMEOUT);
            assert_eq!(size.get(), expected);
        }
    }

    #[test]
    fn stays_where_twice_as_many_might_take_too_long_or_nothing_is_known_of_them() {
        let mut size = CallSize::new(8);
        size.timed_out(8);
        size.answered(4, TIMEOUT / 2, TIMEOUT);
        size.answered(3, Duration::ZERO, TIMEOUT);
        assert_eq!(size.get(), 4);
    }
}
