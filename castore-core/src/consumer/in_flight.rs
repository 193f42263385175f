//! The messages that a consumer has received, but has neither acknowledged nor handed back to the broker.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{RwLock, RwLockWriteGuard};
use tokio::time::Instant;

/// The messages that a consumer has received, but has neither acknowledged nor handed back. A heartbeat, which is a
/// periodic task of the consumer, extends the deadlines of these messages at the broker. For authors of adapters.
///
/// `T` is the broker's handle of a delivery: the receipt handle of SQS, or the reply subject of NATS. A consumer
/// [holds](Self::hold) each message while it is handled. At regular intervals, the consumer extends the messages that
/// are [due](Self::due). The consumer [releases](InFlightMessage::release) a message before it acknowledges the message
/// or hands it back.
///
/// A broker may receive an extension and a hand-back in any order. If an extension arrived after the message was handed
/// back, it would hide the message from other consumers. Therefore a release waits until the running extension has
/// ended, and an extension never includes a released message.
pub struct InFlightMessages<T> {
    held: Mutex<Held<T>>,
    /// A lock that is held for writing while messages are extended, and for reading while a message is released.
    extension: RwLock<()>,
}

struct Held<T> {
    next_id: u64,
    by_id: HashMap<u64, (T, Instant)>,
}

impl<T> InFlightMessages<T> {
    fn held(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of messages in flight.
    pub fn len(&self) -> usize {
        self.held().by_id.len()
    }

    /// Returns whether no message is in flight.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Clone> InFlightMessages<T> {
    /// Adds a message that was just received. The message stays in flight until the returned guard is released or
    /// dropped.
    pub fn hold(self: &Arc<Self>, token: T) -> InFlightMessage<T> {
        let mut held = self.held();
        let id = held.next_id;
        held.next_id += 1;
        held.by_id.insert(id, (token.clone(), Instant::now()));
        drop(held);
        InFlightMessage { all: self.clone(), id, token }
    }

    /// Returns the messages that were received, or last extended, at least `age` ago. The caller must extend these
    /// messages at the broker: they count as extended from now on.
    ///
    /// Keep the returned guard until the broker has responded, because releases wait until the guard is dropped.
    ///
    /// # Cancellation
    /// If the future is dropped, no message counts as extended.
    pub async fn due(&self, age: Duration) -> DueMessages<'_, T> {
        let extension = self.extension.write().await;
        let now = Instant::now();
        let mut held = self.held();
        let due = held.by_id.values_mut().filter(|(_, since)| now.duration_since(*since) >= age);
        let tokens = due.map(|(token, since)| {
            *since = now;
            token.clone()
        });
        let tokens = tokens.collect();
        DueMessages { tokens, _extension: extension }
    }
}

impl<T> Default for InFlightMessages<T> {
    fn default() -> Self {
        Self { held: Mutex::new(Held { next_id: 0, by_id: HashMap::new() }), extension: RwLock::default() }
    }
}

impl<T> fmt::Debug for InFlightMessages<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InFlightMessages").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// A guard for a message in flight. Dropping the guard ends the heartbeat of the message, as if the process had been
/// killed.
#[must_use = "the heartbeat of the message ends when this is dropped"]
pub struct InFlightMessage<T> {
    all: Arc<InFlightMessages<T>>,
    id: u64,
    token: T,
}

impl<T: Clone> InFlightMessage<T> {
    /// Returns the broker's handle of the delivery.
    pub fn token(&self) -> &T {
        &self.token
    }

    /// Ends the heartbeat of the message, so that the message can be acknowledged or handed back.
    ///
    /// # Cancellation
    /// If the future is dropped, the guard is dropped, too, which ends the heartbeat of the message.
    pub async fn release(self) -> T {
        let running_extension = self.all.extension.read().await;
        self.all.held().by_id.remove(&self.id);
        drop(running_extension);
        self.token.clone()
    }
}

impl<T> Drop for InFlightMessage<T> {
    fn drop(&mut self) {
        self.all.held().by_id.remove(&self.id);
    }
}

impl<T> fmt::Debug for InFlightMessage<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InFlightMessage").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A guard with the messages that must be extended. While the guard exists, calls of
/// [`release`](InFlightMessage::release) wait.
#[derive(Debug)]
pub struct DueMessages<'a, T> {
    tokens: Vec<T>,
    _extension: RwLockWriteGuard<'a, ()>,
}

impl<T> Deref for DueMessages<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.tokens
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    const AGE: Duration = Duration::from_secs(5);

    async fn due(messages: &InFlightMessages<&'static str>) -> Vec<&'static str> {
        let mut due = messages.due(AGE).await.to_vec();
        due.sort_unstable();
        due
    }

    #[tokio::test(start_paused = true)]
    async fn held_message_is_due_again_and_again() {
        let messages = Arc::new(InFlightMessages::default());
        let one = messages.hold("one");
        tokio::time::advance(AGE).await;
        let other = messages.hold("other");
        assert_eq!(due(&messages).await, ["one"]);
        assert_eq!(due(&messages).await, [""; 0], "it was extended");
        tokio::time::advance(AGE).await;
        assert_eq!(due(&messages).await, ["one", "other"]);
        drop(one);
        tokio::time::advance(AGE).await;
        assert_eq!(due(&messages).await, ["other"]);
        assert_eq!(other.release().await, "other");
        assert!(messages.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn same_token_can_be_held_twice() {
        let messages = Arc::new(InFlightMessages::default());
        let (one, _other) = (messages.hold("same"), messages.hold("same"));
        drop(one);
        assert_eq!(messages.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn release_waits_for_the_running_extension() {
        let messages = Arc::new(InFlightMessages::default());
        let held = messages.hold("one");
        tokio::time::advance(AGE).await;
        let extension = messages.due(AGE).await;
        let mut release = pin!(held.release());
        let mut context = Context::from_waker(Waker::noop());
        assert!(release.as_mut().poll(&mut context).is_pending(), "released while it is extended");
        drop(extension);
        assert_eq!(release.await, "one");
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_release_ends_the_heartbeat() {
        let messages = Arc::new(InFlightMessages::default());
        let held = messages.hold("one");
        let extension = messages.due(Duration::ZERO).await;
        assert_eq!(extension.len(), 1);
        {
            let mut release = pin!(held.release());
            assert!(release.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        drop(extension);
        assert!(messages.is_empty());
    }
}
