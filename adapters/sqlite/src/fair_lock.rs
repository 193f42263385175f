use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A fair lock for connections of this process that write to the same file. All projections of one `SqliteReadModels`
/// share the lock. If an adapter returned the `SqliteReadModels`, the connection that writes the adapter's events also
/// uses this lock.
///
/// SQLite does not queue waiting connections. A waiting connection retries after pauses, so a writer that begins its
/// next transaction right after a commit would starve all other writers. This lock grants requests in the order in
/// which they arrive. It does not replace SQLite's own lock, which also excludes the connections of other adapters and
/// processes.
#[derive(Debug, Default)]
pub(crate) struct FairLock {
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct QueueState {
    taken: bool,
    waiting: VecDeque<u64>,
    next: u64,
}

/// A guard that holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct FairLockGuard(Arc<FairLock>);

impl FairLock {
    /// Acquires the lock without waiting. Returns `None` if the lock is held, or if other requests wait for it.
    pub(crate) fn try_lock(self: &Arc<Self>) -> Option<FairLockGuard> {
        let mut state = self.state();
        if state.taken || !state.waiting.is_empty() {
            return None;
        }
        state.taken = true;
        Some(FairLockGuard(Arc::clone(self)))
    }

    /// Waits for the lock for at most `timeout`, and blocks the thread meanwhile. Returns the guard (or `None` if the
    /// timeout has expired) and the rest of the timeout.
    pub(crate) fn lock(self: &Arc<Self>, timeout: Duration) -> (Option<FairLockGuard>, Duration) {
        if let Some(guard) = self.try_lock() {
            return (Some(guard), timeout);
        }
        let start = Instant::now();
        let mut state = self.state();
        let ticket = state.next;
        state.next = state.next.wrapping_add(1);
        state.waiting.push_back(ticket);
        loop {
            if !state.taken && state.waiting.front() == Some(&ticket) {
                state.waiting.pop_front();
                state.taken = true;
                return (Some(FairLockGuard(Arc::clone(self))), timeout.saturating_sub(start.elapsed()));
            }
            let Some(left) = timeout.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) else {
                state.waiting.retain(|waiting| *waiting != ticket);
                // The next request may be able to acquire the lock now.
                self.changed.notify_all();
                return (None, Duration::ZERO);
            };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        // No code panics while it holds this mutex.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FairLockGuard {
    fn drop(&mut self) {
        let mut state = self.0.state();
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

    fn wait_until(lock: &FairLock, waiting: usize) {
        while lock.state().waiting.len() != waiting {
            thread::yield_now();
        }
    }

    #[test]
    fn requests_are_served_in_their_order() {
        let lock = Arc::new(FairLock::default());
        let first = lock.lock(LONG).0.unwrap();
        let (served, order) = mpsc::channel();
        let others: Vec<_> = (0..3)
            .map(|number| {
                let (own, served) = (Arc::clone(&lock), served.clone());
                let thread = thread::spawn(move || {
                    let _guard = own.lock(LONG).0.unwrap();
                    served.send(number).unwrap();
                });
                wait_until(&lock, number + 1);
                thread
            })
            .collect();
        assert!(lock.try_lock().is_none());
        drop(first);
        // A holder that releases the lock and requests it again is served last.
        let _last = lock.lock(LONG).0.unwrap();
        assert_eq!(order.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
        others.into_iter().for_each(|thread| thread.join().unwrap());
    }

    #[test]
    fn request_that_times_out_blocks_no_other() {
        let lock = Arc::new(FairLock::default());
        let first = lock.lock(LONG).0.unwrap();
        assert!(lock.lock(Duration::from_millis(5)).0.is_none());
        assert!(lock.lock(Duration::ZERO).0.is_none());
        drop(first);
        assert!(lock.try_lock().is_some());
        assert!(lock.lock(Duration::ZERO).0.is_some());
    }
}
