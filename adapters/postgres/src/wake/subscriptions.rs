use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

use super::listen::listen;
use super::wake;
use crate::connection::Shared;

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

    /// Returns whether there are no subscriptions. The caller is the task of the listener. If the result is `true`, the
    /// task must end, because the next subscription starts another task.
    pub(super) fn end_if_empty(&self) -> bool {
        let mut state = self.lock();
        let is_empty = state.all.is_empty();
        if is_empty {
            state.task = None;
        }
        is_empty
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

/// Adds a subscription, and starts the task that listens, unless the task is already running.
pub(super) fn subscribe(shared: &Arc<Shared>, subscription: Subscription) -> Listening {
    let channel = subscription.channel.clone();
    let subscriptions = &shared.listener.subscriptions;
    let mut state = subscriptions.lock();
    let id = state.next;
    state.next += 1;
    state.all.insert(id, subscription);
    if state.task.as_ref().is_none_or(AbortHandle::is_finished) {
        state.task = Some(tokio::spawn(listen(Arc::clone(shared))).abort_handle());
    }
    drop(state);
    subscriptions.changed.notify_one();
    Listening { shared: Arc::clone(shared), id, channel }
}

/// A guard of a subscription. The task that listens ends when the last guard is dropped.
pub(super) struct Listening {
    shared: Arc<Shared>,
    id: u64,
    channel: String,
}

impl Listening {
    /// Returns whether the guard is for this channel and the task that listens is still running. The task ends with its
    /// runtime.
    pub(super) fn is_for(&self, channel: &str) -> bool {
        let state = self.shared.listener.subscriptions.lock();
        self.channel == channel && state.task.as_ref().is_some_and(|task| !task.is_finished())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let subscriptions = &self.shared.listener.subscriptions;
        subscriptions.lock().all.remove(&self.id);
        subscriptions.changed.notify_one();
    }
}
