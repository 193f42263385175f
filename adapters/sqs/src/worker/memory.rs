//! A record of the deliveries that do not count as attempts.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The maximum number of messages in the record.
const CAPACITY: usize = 10_000;

/// A record of the deliveries that do not count as attempts, and of the messages that were left to the queue's redrive
/// policy. SQS counts every delivery, even if the message only waited for an earlier message of its group and no
/// handler was called.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    by_message_id: HashMap<String, Times>,
    /// The ids in insertion order, oldest first. The list may also contain ids that were already removed from the map.
    order: VecDeque<String>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Times {
    not_attempted: u32,
    given_up: bool,
}

impl Memory {
    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of the current attempt of a message that SQS delivered `received` times. Returns `None` if
    /// the message was left to the queue's redrive policy.
    pub(super) fn attempt(&self, message_id: &str, received: u32) -> Option<u32> {
        let times = self.remembered().by_message_id.get(message_id).copied().unwrap_or_default();
        if times.given_up { None } else { Some(received.saturating_sub(times.not_attempted).max(1)) }
    }

    /// Records a delivery that does not count as an attempt.
    pub(super) fn not_attempted(&self, message_id: &str) {
        self.change(message_id, |times| times.not_attempted = times.not_attempted.saturating_add(1));
    }

    /// Records that the message is left to the queue's redrive policy.
    pub(super) fn give_up(&self, message_id: &str) {
        self.change(message_id, |times| times.given_up = true);
    }

    /// Removes a message that is no longer in the queue.
    pub(super) fn forget(&self, message_id: &str) {
        self.remembered().by_message_id.remove(message_id);
    }

    fn change(&self, message_id: &str, change: impl FnOnce(&mut Times)) {
        let mut remembered = self.remembered();
        if let Some(times) = remembered.by_message_id.get_mut(message_id) {
            change(times);
            return;
        }
        let mut times = Times::default();
        change(&mut times);
        remembered.by_message_id.insert(message_id.to_owned(), times);
        remembered.order.push_back(message_id.to_owned());
        while remembered.order.len() > CAPACITY {
            if let Some(oldest) = remembered.order.pop_front() {
                remembered.by_message_id.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_attempts_count() {
        let memory = Memory::default();
        assert_eq!(memory.attempt("a", 1), Some(1));
        memory.not_attempted("a");
        memory.not_attempted("a");
        assert_eq!(memory.attempt("a", 3), Some(1));
        assert_eq!(memory.attempt("a", 4), Some(2));
        assert_eq!(memory.attempt("b", 3), Some(3), "delivered to other workers");
        memory.give_up("a");
        assert_eq!(memory.attempt("a", 5), None);
        memory.forget("a");
        assert_eq!(memory.attempt("a", 5), Some(5));
    }

    #[test]
    fn forgets_the_oldest() {
        let memory = Memory::default();
        for number in 0..=CAPACITY {
            memory.not_attempted(&number.to_string());
        }
        assert_eq!((memory.attempt("0", 2), memory.attempt("1", 2)), (Some(2), Some(1)));
        assert_eq!(memory.remembered().by_message_id.len(), CAPACITY);
    }
}
