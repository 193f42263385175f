use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

use super::listen::{Listener, listen};
use super::wake;
use crate::driver::Pool;

/// The readers of one adapter that wait for the notifications of a channel.
pub(super) struct Subscription {
    pub(super) channel: String,
    /// The random text that identifies the adapter of the readers. The adapter's own notifications are ignored, because
    /// its pushes have already woken the readers.
    pub(super) instance: Arc<str>,
    pub(super) changes: watch::Sender<u64>,
}

/// The subscriptions of a listener. The listener's task runs while there is at least one subscription.
#[derive(Default)]
pub(super) struct Subscriptions {
    state: Mutex<State>,
    /// The signal that informs the listener's task of each change of the subscriptions.
    pub(super) changed: Notify,
}

#[derive(Default)]
struct State {
    next: u64,
    all: HashMap<u64, Subscription>,
    task: Option<AbortHandle>,
}

impl Subscriptions {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn channels(&self) -> BTreeSet<String> {
        self.lock().all.values().map(|subscription| subscription.channel.clone()).collect()
    }

    /// Wakes all readers of the given channels.
    pub(super) fn wake(&self, channels: &BTreeSet<String>) {
        for subscription in self.lock().all.values().filter(|one| channels.contains(&one.channel)) {
            wake(&subscription.changes);
        }
    }

    /// Wakes the readers of a channel after a notification of the adapter `instance`, except the readers of that
    /// adapter itself.
    pub(super) fn notified(&self, channel: &str, instance: &str) {
        let state = self.lock();
        for subscription in state.all.values().filter(|one| one.channel == channel && &*one.instance != instance) {
            wake(&subscription.changes);
        }
    }
}

impl Listener {
    /// Adds a subscription, and starts the task that listens unless it is running.
    pub(super) fn subscribe(listener: &Arc<Self>, pool: &Pool, subscription: Subscription) -> Listening {
        let channel = subscription.channel.clone();
        let mut state = listener.subscriptions.lock();
        let id = state.next;
        state.next += 1;
        state.all.insert(id, subscription);
        if state.task.as_ref().is_none_or(AbortHandle::is_finished) {
            state.task = Some(tokio::spawn(listen(Arc::clone(listener), pool.clone())).abort_handle());
        }
        drop(state);
        listener.subscriptions.changed.notify_one();
        Listening { listener: Arc::clone(listener), id, channel }
    }
}

/// A guard of a subscription. The connection is closed when the last guard is dropped.
pub(super) struct Listening {
    listener: Arc<Listener>,
    id: u64,
    channel: String,
}

impl Listening {
    /// Returns whether the guard is for this channel and the task that listens is still running. The task ends with its
    /// runtime.
    pub(super) fn is_for(&self, channel: &str) -> bool {
        let state = self.listener.subscriptions.lock();
        self.channel == channel && state.task.as_ref().is_some_and(|task| !task.is_finished())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut state = self.listener.subscriptions.lock();
        state.all.remove(&self.id);
        let last = state.all.is_empty();
        let task = if last { state.task.take() } else { None };
        drop(state);
        match task {
            Some(task) => task.abort(),
            None => self.listener.subscriptions.changed.notify_one(),
        }
    }
}
