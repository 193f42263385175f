use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use async_trait::async_trait;
use castore_core::consumer::{DeadLetters, DeadLettersError, StoredDeadLetter};
use castore_core::message::{ChannelMessage, serialize_channel_message};

use super::lane::{Content, Delivery, Lane};

/// A dead letter that the adapter keeps for operators.
struct Kept<M> {
    content: Content<M>,
    replay: bool,
    attempts: u32,
    error_class: &'static str,
    /// The lane (the message queue) of the handler that failed.
    lane: Weak<Lane<M>>,
}

impl<M> Clone for Kept<M> {
    fn clone(&self) -> Self {
        let Self { content, replay, attempts, error_class, lane } = self;
        let (content, lane) = (content.clone(), lane.clone());
        Self { content, replay: *replay, attempts: *attempts, error_class, lane }
    }
}

/// The kept dead letters of one adapter. The adapter keeps no dead letters by default. To keep some, set a capacity.
pub(super) struct KeptLetters<M>(Mutex<Letters<M>>);

struct Letters<M> {
    capacity: usize,
    next_id: u64,
    by_id: BTreeMap<u64, Kept<M>>,
}

impl<M> Default for KeptLetters<M> {
    fn default() -> Self {
        Self(Mutex::new(Letters { capacity: 0, next_id: 1, by_id: BTreeMap::new() }))
    }
}

impl<M> KeptLetters<M> {
    /// Locks the letters. No user code runs under the lock.
    fn lock(&self) -> MutexGuard<'_, Letters<M>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_capacity(&self, capacity: usize) {
        self.lock().capacity = capacity;
    }

    /// Keeps a letter. If there are too many letters, the oldest one is dropped.
    pub(super) fn keep(
        &self,
        content: &Content<M>,
        replay: bool,
        attempts: u32,
        error_class: &'static str,
        lane: Weak<Lane<M>>,
    ) {
        let mut letters = self.lock();
        if letters.capacity == 0 {
            return;
        }
        let id = letters.next_id;
        letters.next_id += 1;
        letters.by_id.insert(id, Kept { content: content.clone(), replay, attempts, error_class, lane });
        let dropped = if letters.by_id.len() > letters.capacity { letters.by_id.pop_first() } else { None };
        drop(letters);
        // Messages are user types, so they must not be dropped while the lock is held.
        drop(dropped);
    }
}

/// The dead letters of an in-memory adapter, or of one of its listeners. They are kept only in memory, so they are lost
/// when the process ends.
///
/// The adapter keeps dead letters only if it was configured with
/// [`InMemoryMessageQueueAdapter::with_dead_letters`](super::InMemoryMessageQueueAdapter::with_dead_letters) or
/// [`InMemoryMessageBusAdapter::with_dead_letters`](super::InMemoryMessageBusAdapter::with_dead_letters).
pub struct InMemoryDeadLetters<M> {
    letters: Arc<KeptLetters<M>>,
    /// The lane (the message queue) of the listener, or `None` for all handlers.
    lane: Option<Weak<Lane<M>>>,
}

impl<M: ChannelMessage> InMemoryDeadLetters<M> {
    pub(super) fn new(letters: Arc<KeptLetters<M>>, lane: Option<Weak<Lane<M>>>) -> Self {
        Self { letters, lane }
    }

    fn is_of_consumer(&self, kept: &Kept<M>) -> bool {
        self.lane.as_ref().is_none_or(|lane| lane.ptr_eq(&kept.lane))
    }

    /// Returns the dead letter with this id, if it belongs to the selected listener, or if no listener is selected.
    /// Removes the letter from the adapter if `take` is `true`.
    fn find(&self, id: &str, take: bool) -> Option<(u64, Kept<M>)> {
        let id = id.parse().ok()?;
        let mut letters = self.letters.lock();
        let kept = letters.by_id.get(&id).filter(|kept| self.is_of_consumer(kept))?.clone();
        let taken = if take { letters.by_id.remove(&id) } else { None };
        drop(letters);
        drop(taken);
        Some((id, kept))
    }
}

fn stored<M: ChannelMessage>(id: u64, kept: &Kept<M>) -> Result<StoredDeadLetter, DeadLettersError> {
    let body = match &kept.content {
        Content::Message(message) => {
            let mut json = Vec::new();
            serialize_channel_message(&**message, &mut serde_json::Serializer::new(&mut json))
                .map_err(|error| DeadLettersError::broker("write a message as JSON", error))?;
            String::from_utf8_lossy(&json).into_owned()
        }
        Content::Undecoded(undecoded) => undecoded.message.body().to_owned(),
    };
    let letter = StoredDeadLetter::new(id.to_string(), body, kept.replay);
    Ok(letter.attempts(Some(kept.attempts)).error_class(Some(kept.error_class.to_owned())))
}

#[async_trait]
impl<M: ChannelMessage> DeadLetters for InMemoryDeadLetters<M> {
    async fn list(&self, limit: usize) -> Result<Vec<StoredDeadLetter>, DeadLettersError> {
        let kept: Vec<_> = {
            let letters = self.letters.lock();
            let of_consumer = letters.by_id.iter().filter(|(_, kept)| self.is_of_consumer(kept));
            of_consumer.take(limit).map(|(id, kept)| (*id, kept.clone())).collect()
        };
        kept.iter().map(|(id, kept)| stored(*id, kept)).collect()
    }

    async fn get(&self, id: &str) -> Result<Option<StoredDeadLetter>, DeadLettersError> {
        self.find(id, false).map(|(id, kept)| stored(id, &kept)).transpose()
    }

    async fn redrive(&self, id: &str) -> Result<bool, DeadLettersError> {
        let Some((id, kept)) = self.find(id, true) else { return Ok(false) };
        let lane = kept.lane.upgrade().filter(|lane| lane.has_handler() && !lane.is_stopped());
        let delivery = Delivery::new(kept.content.clone(), kept.replay, None);
        let delivered = lane.is_some_and(|lane| lane.deliver(delivery).is_ok());
        if !delivered {
            // Puts the letter back. It was removed before the delivery, so that two concurrent calls do not deliver it
            // twice.
            self.letters.lock().by_id.insert(id, kept);
            return Err(DeadLettersError::NoConsumer);
        }
        Ok(true)
    }

    async fn remove(&self, id: &str) -> Result<bool, DeadLettersError> {
        Ok(self.find(id, true).is_some())
    }
}

impl<M> Clone for InMemoryDeadLetters<M> {
    fn clone(&self) -> Self {
        Self { letters: self.letters.clone(), lane: self.lane.clone() }
    }
}

impl<M> fmt::Debug for InMemoryDeadLetters<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("InMemoryDeadLetters")
            .field("len", &self.letters.lock().by_id.len())
            .finish_non_exhaustive()
    }
}
