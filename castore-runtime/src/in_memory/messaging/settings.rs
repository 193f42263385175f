use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use castore_core::channel::PublishError;
use castore_core::consumer::{ABORT_TIMEOUT, ConsumerError, Counters, DeadLetterHook, FailureAction, RetryPolicy};
use castore_core::service::PartHealth;
use castore_core::task::{Signal, TaskCounter};
use tokio::sync::Notify;

use super::dead_letters::KeptLetters;
use super::pending::Pending;

/// The options and the state that all lanes (the message queues of the handlers) of one adapter share.
pub(super) struct Settings<M> {
    pub(super) message_channel_id: &'static str,
    /// A flag that is `true` if a message that waits for a retry delays the later messages of its aggregate.
    pub(super) per_aggregate: bool,
    pub(super) pending: Pending,
    pub(super) counters: Counters,
    /// The signal to drop running handlers.
    pub(super) abort: Signal,
    /// The running tasks of the lanes.
    pub(super) tasks: TaskCounter,
    retry_policy: RwLock<RetryPolicy>,
    undecodable_action: RwLock<FailureAction>,
    /// The dead letters that are kept for operators.
    pub(super) dead_letters: Arc<KeptLetters<M>>,
    dead_letter_hook: RwLock<Option<DeadLetterHook<M>>>,
    closed: AtomicBool,
    closing: Notify,
}

impl<M> Settings<M> {
    pub(super) fn new(message_channel_id: &'static str, per_aggregate: bool) -> Self {
        Self {
            message_channel_id,
            per_aggregate,
            pending: Pending::default(),
            counters: Counters::default(),
            abort: Signal::default(),
            tasks: TaskCounter::default(),
            retry_policy: RwLock::default(),
            undecodable_action: RwLock::default(),
            dead_letters: Arc::default(),
            dead_letter_hook: RwLock::new(None),
            closed: AtomicBool::new(false),
            closing: Notify::new(),
        }
    }

    pub(super) fn set_retry_policy(&self, retry_policy: RetryPolicy) {
        *self.retry_policy.write().unwrap_or_else(PoisonError::into_inner) = retry_policy;
    }

    pub(super) fn retry_policy(&self) -> RetryPolicy {
        *self.retry_policy.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_undecodable_action(&self, action: FailureAction) {
        *self.undecodable_action.write().unwrap_or_else(PoisonError::into_inner) = action;
    }

    pub(super) fn undecodable_action(&self) -> FailureAction {
        *self.undecodable_action.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_dead_letter_hook(&self, hook: Option<DeadLetterHook<M>>) {
        let before = {
            let mut place = self.dead_letter_hook.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, hook)
        };
        // A hook may own anything, so it must not be dropped while the lock is held.
        drop(before);
    }

    pub(super) fn dead_letter_hook(&self) -> Option<DeadLetterHook<M>> {
        self.dead_letter_hook.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Admits a publisher, or returns an error if the adapter was shut down. A shutdown waits for the admitted
    /// publishers.
    pub(super) fn enter(&self) -> Result<Publisher<'_>, PublishError> {
        self.pending.add();
        let publisher = Publisher(&self.pending);
        if self.closed.load(Ordering::SeqCst) { Err(PublishError::ShutDown) } else { Ok(publisher) }
    }

    /// Rejects new messages from now on, and ends the waiting times of retries.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.closing.notify_waiters();
    }

    /// Returns the health of the adapter with this name. The adapter is live and ready until it is shut down.
    pub(super) fn health(&self, name: String) -> PartHealth {
        if self.closed.load(Ordering::SeqCst) {
            PartHealth::ended(name, "it was shut down")
        } else {
            PartHealth::ready(name)
        }
    }

    /// Shuts down an adapter, and aborts it if the shutdown takes longer than `limit`.
    pub(super) async fn shutdown_within(
        &self,
        limit: Duration,
        shutdown: impl Future<Output = ()>,
        abort: impl Future<Output = ()>,
    ) -> Result<(), ConsumerError> {
        if tokio::time::timeout(limit, shutdown).await.is_ok() {
            return Ok(());
        }
        let in_flight = self.counters.status().in_flight;
        abort.await;
        Err(ConsumerError::ShutdownTimedOut { limit, in_flight })
    }

    /// Drops the running handlers. Waits until they are dropped, for at most `ABORT_TIMEOUT`.
    pub(super) async fn abort_handlers(&self) {
        self.abort.send();
        // A handler that blocks its thread cannot be dropped.
        let _ = tokio::time::timeout(ABORT_TIMEOUT, self.tasks.ended()).await;
    }

    /// Logs that an aborted adapter discarded messages.
    pub(super) fn log_discarded(&self, discarded: usize) {
        if discarded > 0 {
            let channel = self.message_channel_id;
            tracing::warn!(channel, discarded, "an aborted adapter discarded messages");
        }
    }

    /// Waits for the delay of a retry, or until the adapter is shut down.
    pub(super) async fn wait(&self, delay: Duration) {
        let mut closing = pin!(self.closing.notified());
        closing.as_mut().enable();
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        // The retry is due in both cases: after the delay, and after a shutdown.
        let _ = tokio::time::timeout(delay, closing).await;
    }
}

/// An admitted publisher, which counts as an unfinished delivery.
pub(super) struct Publisher<'a>(&'a Pending);

impl Drop for Publisher<'_> {
    fn drop(&mut self) {
        self.0.done();
    }
}

impl<M> fmt::Debug for Settings<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("message_channel_id", &self.message_channel_id)
            .field("retry_policy", &self.retry_policy())
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}
