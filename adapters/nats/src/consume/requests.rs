use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How long the server keeps a request for messages.
pub(super) const EXPIRES: Duration = Duration::from_secs(5);

/// How long a lane of the consumer waits for the server to report that a request has expired. After this time, the
/// request is considered lost. A lane is one of the loops that request and handle messages.
const GRACE: Duration = Duration::from_secs(2);

/// The first and the longest pause after the server rejected a request.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// How long a lane waits after a rejection before it checks that the consumer exists. The server already rejects
/// requests while it is still deleting a stream, and a stream that is created at that moment does not acknowledge
/// messages.
const SETTLING: Duration = Duration::from_millis(500);

/// The pause after a message that passes only the filter of a newer version of this listener. During the pause,
/// listeners of the newer version receive such messages.
const FOREIGN_PAUSE: Duration = Duration::from_secs(5);

/// How long a lane waits for more free handlers before it sends a small request.
const GATHERING: Duration = Duration::from_millis(2);

/// The open requests for messages. The server fulfills them in order.
#[derive(Debug)]
pub(super) struct Requests {
    /// For each open request, the number of messages that are still expected, and the time after which the request is
    /// considered lost.
    open: VecDeque<(usize, Instant)>,
    not_before: Instant,
    /// The earliest time of the next check that the consumer exists.
    look_not_before: Instant,
    pause: Duration,
    /// The last time at which a response of the server showed that the consumer exists.
    confirmed: Instant,
    /// Whether the consumer may have been deleted.
    in_doubt: bool,
    /// The start of the current [`GATHERING`] delay, or `None` if no request is delayed.
    gathering: Option<Instant>,
    /// Whether the message that was received last passes only the filter of a newer version of this listener. If so,
    /// one message at a time is requested.
    foreign: bool,
}

impl Requests {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            open: VecDeque::new(),
            not_before: now,
            look_not_before: now,
            pause: PAUSE.0,
            confirmed: now,
            in_doubt: false,
            gathering: None,
            foreign: false,
        }
    }

    /// Returns how many messages to request if `free` of `room` handlers are free, or 0 to request none now.
    ///
    /// Messages that are still expected from open requests count as busy handlers. Messages are requested if at least
    /// half of the handlers are free. With fewer free handlers, messages are requested only if no request is open, and
    /// after a short delay in which more handlers may become free. Otherwise fast handlers would cause one request per
    /// message.
    pub(super) fn due(&mut self, free: usize, room: usize, now: Instant) -> usize {
        while self.open.front().is_some_and(|(_, until)| *until < now) {
            self.open.pop_front();
            // The server reports the end of every request. If there is no report, either the server has not received
            // the request, or the report was lost.
            self.in_doubt = true;
        }
        let coming: usize = self.open.iter().map(|(messages, _)| messages).sum();
        let free = free.saturating_sub(coming);
        if free == 0 || now < self.not_before {
            self.gathering = None;
            return 0;
        }
        if self.foreign {
            return usize::from(coming == 0);
        }
        if free >= room.div_ceil(2) {
            return free;
        }
        if coming > 0 {
            return 0;
        }
        let since = *self.gathering.get_or_insert(now);
        if now >= since + GATHERING { free } else { 0 }
    }

    /// Returns the time at which a delayed request becomes due, if there is one.
    pub(super) fn soon(&self) -> Option<Instant> {
        self.gathering.map(|since| since + GATHERING)
    }

    pub(super) fn asked(&mut self, messages: usize, now: Instant) {
        self.gathering = None;
        self.open.push_back((messages, now + EXPIRES + GRACE));
    }

    /// Returns whether the lane must check that the consumer exists. This is the case if there are signs of a deletion,
    /// or if nothing was requested for a while, so that a deletion would have gone unnoticed.
    pub(super) fn in_doubt(&self, now: Instant) -> bool {
        let silent = self.open.is_empty() && now >= self.confirmed + EXPIRES + GRACE;
        (self.in_doubt || silent) && now >= self.look_not_before
    }

    /// Records that the consumer exists. If the consumer was created again, messages are requested immediately.
    pub(super) fn restored(&mut self, created: bool, now: Instant) {
        self.confirm(now);
        if created {
            self.open.clear();
            self.pause = PAUSE.0;
            self.not_before = now;
        }
    }

    /// Records that the check of the consumer failed. The next check and the next request are delayed.
    pub(super) fn not_restored(&mut self, now: Instant) {
        self.refused(now);
        self.look_not_before = self.not_before;
    }

    fn confirm(&mut self, now: Instant) {
        self.confirmed = now;
        self.in_doubt = false;
    }

    pub(super) fn message(&mut self, now: Instant) {
        self.confirm(now);
        self.pause = PAUSE.0;
        if let Some((messages, _)) = self.open.front_mut() {
            *messages = messages.saturating_sub(1);
            if *messages == 0 {
                self.open.pop_front();
            }
        }
    }

    /// Records whether the message that was just received passes only the filter of a newer version of this listener.
    /// If so, the durable consumer has the filter of the newer version. If this listener continued to request messages,
    /// the server would deliver the same messages to it again and again.
    pub(super) fn foreign(&mut self, foreign: bool, now: Instant) {
        self.foreign = foreign;
        if foreign {
            self.not_before = self.not_before.max(now + FOREIGN_PAUSE);
        }
    }

    /// Records that the oldest request has expired.
    pub(super) fn expired(&mut self, now: Instant) {
        self.confirm(now);
        self.open.pop_front();
    }

    /// Records that the server has dropped all requests, which happens after a reconnection. The consumer may no longer
    /// exist, because streams in memory do not survive a restart of the server.
    pub(super) fn gone(&mut self) {
        self.open.clear();
        self.in_doubt = true;
    }

    /// Records that the server rejected a request, and delays the next request. Returns whether this is the first
    /// rejection in a row.
    pub(super) fn refused(&mut self, now: Instant) -> bool {
        self.open.clear();
        if !self.in_doubt {
            self.look_not_before = self.look_not_before.max(now + SETTLING);
        }
        self.in_doubt = true;
        self.not_before = now + self.pause;
        let first = self.pause == PAUSE.0;
        self.pause = (self.pause * 2).min(PAUSE.1);
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_sent_when_half_of_the_handlers_are_free() {
        let now = Instant::now();
        let mut requests = Requests::new(now);
        assert_eq!(requests.due(8, 8, now), 8);
        requests.asked(8, now);
        assert_eq!(requests.due(8, 8, now), 0);
        for handled in 1..=3 {
            requests.message(now);
            // The handler of the received message has already ended.
            assert_eq!(requests.due(8, 8, now), 0, "{handled}");
        }
        requests.message(now);
        assert_eq!(requests.due(8, 8, now), 4);
        requests.asked(4, now);
        assert_eq!(requests.due(8, 8, now), 0);
        // No handler is free while all received messages are being handled.
        assert_eq!(requests.due(0, 8, now), 0);
    }

    #[test]
    fn foreign_messages_pause_the_requests() {
        let now = Instant::now();
        let mut requests = Requests::new(now);
        requests.asked(8, now);
        (0..8).for_each(|_| requests.message(now));
        requests.foreign(true, now);
        assert_eq!(requests.due(8, 8, now), 0);
        // One message shows whether this listener still has the newest filter.
        assert_eq!(requests.due(8, 8, now + FOREIGN_PAUSE), 1);
        requests.asked(1, now);
        assert_eq!(requests.due(8, 8, now + FOREIGN_PAUSE), 0);
        requests.message(now);
        requests.foreign(false, now);
        assert_eq!(requests.due(8, 8, now + FOREIGN_PAUSE), 8);
    }

    #[test]
    fn requests_end() {
        let now = Instant::now();
        let mut requests = Requests::new(now);
        requests.asked(8, now);
        requests.expired(now);
        assert_eq!(requests.due(8, 8, now), 8);
        requests.asked(8, now);
        assert_eq!(requests.due(8, 8, now + EXPIRES), 0);
        assert_eq!(requests.due(8, 8, now + EXPIRES + GRACE * 2), 8);
    }

    #[test]
    fn request_for_few_messages_is_delayed() {
        let now = Instant::now();
        let mut requests = Requests::new(now);
        assert_eq!((requests.due(1, 8, now), requests.soon()), (0, Some(now + GATHERING)));
        // More handlers became free.
        assert_eq!(requests.due(3, 8, now + GATHERING / 2), 0);
        assert_eq!(requests.due(4, 8, now + GATHERING / 2), 4);
        requests.asked(4, now);
        assert_eq!((requests.due(5, 8, now), requests.soon()), (0, None));
        (0..4).for_each(|_| requests.message(now));
        // No further handler became free, because the others are slow.
        assert_eq!(requests.due(1, 8, now), 0);
        assert_eq!(requests.due(1, 8, now + GATHERING), 1);
        requests.asked(1, now + GATHERING);
        assert_eq!(requests.soon(), None);
        // With a single handler, a request for one message is not delayed.
        assert_eq!(Requests::new(now).due(1, 1, now), 1);
    }

    #[test]
    fn pauses_after_refusals_for_longer_each_time() {
        let now = Instant::now();
        let mut requests = Requests::new(now);
        assert!(requests.refused(now));
        assert_eq!(requests.due(8, 8, now), 0);
        assert_eq!(requests.due(8, 8, now + PAUSE.0), 8);
        for _ in 0..10 {
            assert!(!requests.refused(now));
        }
        assert_eq!(requests.due(8, 8, now + PAUSE.1 / 2), 0);
        assert_eq!(requests.due(8, 8, now + PAUSE.1), 8);
        requests.message(now);
        assert!(requests.refused(now));
    }
    #[test]
    fn consumer_is_looked_for_after_a_refusal_a_silent_request_and_a_long_silence() {
        let now = Instant::now();
        let late = now + EXPIRES + GRACE * 2;
        let mut refused = Requests::new(now);
        assert!(!refused.in_doubt(now));
        refused.refused(now);
        assert!(!refused.in_doubt(now));
        assert!(refused.in_doubt(now + SETTLING));
        refused.restored(true, now);
        assert!(!refused.in_doubt(now));
        assert_eq!(refused.due(8, 8, now), 8, "a consumer that was created again is asked at once");

        let mut silent = Requests::new(now);
        silent.asked(8, now);
        silent.due(8, 8, now);
        assert!(!silent.in_doubt(now));
        silent.due(8, 8, late);
        assert!(silent.in_doubt(late));

        let busy = Requests::new(now);
        assert!(!busy.in_doubt(now + EXPIRES));
        assert!(busy.in_doubt(late));
    }

    #[test]
    fn failed_look_is_repeated_after_a_pause() {
        let now = Instant::now();
        let mut requests = Requests::new(now);
        requests.gone();
        assert!(requests.in_doubt(now));
        requests.not_restored(now);
        assert!(!requests.in_doubt(now));
        assert!(requests.in_doubt(now + PAUSE.0));
    }
}
