use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whose turn it is to write, among the connections of this process that know each other: the writer of the events and
/// the projections into the same file.
///
/// SQLite lets connections take turns by having them try again after pauses that grow. A writer that goes on at once
/// when it has committed is then never found absent, and the others get nowhere. Here they come in the order in which
/// they asked. It is a courtesy: SQLite's own lock is what keeps them apart, also from other processes.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    taken: bool,
    waiting: VecDeque<u64>,
    next: u64,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn(Arc<Turns>);

impl Turns {
    /// `None` if it is somebody else's.
    pub(crate) fn try_take(self: &Arc<Self>) -> Option<Turn> {
        let mut state = self.lock();
        if state.taken || !state.waiting.is_empty() {
            return None;
        }
        state.taken = true;
        Some(Turn(Arc::clone(self)))
    }

    /// Waits for it, but no longer than that, and answers how much patience is left. Blocks.
    pub(crate) fn take(self: &Arc<Self>, patience: Duration) -> (Option<Turn>, Duration) {
        if let Some(turn) = self.try_take() {
            return (Some(turn), patience);
        }
        let start = Instant::now();
        let mut state = self.lock();
        let ticket = state.next;
        state.next = state.next.wrapping_add(1);
        state.waiting.push_back(ticket);
        loop {
            if !state.taken && state.waiting.front() == Some(&ticket) {
                state.waiting.pop_front();
                state.taken = true;
                return (Some(Turn(Arc::clone(self))), patience.saturating_sub(start.elapsed()));
            }
            let Some(left) = patience.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) else {
                state.waiting.retain(|waiting| *waiting != ticket);
                // It may be the turn of who came after.
                self.changed.notify_all();
                return (None, Duration::ZERO);
            };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.taken = false;
        if !state.waiting.is_empty() {
            self.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn wait_until(turns: &Turns, waiting: usize) {
        while turns.lock().waiting.len() != waiting {
            thread::yield_now();
        }
    }

    #[test]
    fn they_come_in_the_order_in_which_they_asked() {
        let turns = Arc::new(Turns::default());
        let first = turns.take(LONG).0.unwrap();
        let (told, order) = mpsc::channel();
        let others: Vec<_> = (0..3)
            .map(|number| {
                let (own, told) = (Arc::clone(&turns), told.clone());
                let thread = thread::spawn(move || {
                    let _turn = own.take(LONG).0.unwrap();
                    told.send(number).unwrap();
                });
                wait_until(&turns, number + 1);
                thread
            })
            .collect();
        assert!(turns.try_take().is_none());
        drop(first);
        // Whoever gives the turn back and wants it again is last.
        let _last = turns.take(LONG).0.unwrap();
        assert_eq!(order.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
        others.into_iter().for_each(|thread| thread.join().unwrap());
    }

    #[test]
    fn who_loses_patience_keeps_nobody_waiting() {
        let turns = Arc::new(Turns::default());
        let first = turns.take(LONG).0.unwrap();
        assert!(turns.take(Duration::from_millis(5)).0.is_none());
        assert!(turns.take(Duration::ZERO).0.is_none());
        drop(first);
        assert!(turns.try_take().is_some());
        assert!(turns.take(Duration::ZERO).0.is_some());
    }
}
