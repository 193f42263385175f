use std::collections::HashMap;
use std::error::Error;
use std::hash::Hash;
use std::sync::Arc;

use super::error::NoOutcomeError;
use super::{HeldBackError, UnpublishedError};
use crate::channel::{PublishError, RejectedMessage};

/// A ledger of message outcomes for one [`publish_messages`] call. For authors of adapters.
///
/// The adapter decides when to send each message, and records the outcome in the ledger. After a rejection, the ledger
/// holds back the later messages of the same aggregate, unless it was created with [`unordered`](Self::unordered).
/// [`finish`](Self::finish) returns the outcome of the call. Each message is identified by its index in the call.
///
/// To preserve the order of each aggregate, an adapter first sends the messages that [`first`](Self::first) returns,
/// and sends each later message when [`published`](Self::published) returns it. An adapter that sends one message at a
/// time can send all of them in the order of their indexes. Before every send, an adapter calls
/// [`may_send`](Self::may_send), because the message may have been held back, or the broker may have failed, in the
/// meantime.
///
/// ```
/// use castore_core::channel::{OrderedPublish, PublishError};
///
/// async fn publish_all(
///     messages: Vec<(String, String)>,
///     send: impl AsyncFn(&str) -> Result<(), PublishError>,
/// ) -> Result<(), PublishError> {
///     let mut ledger = OrderedPublish::new(messages.iter().map(|(aggregate_id, _)| aggregate_id));
///     for (index, (_, body)) in messages.iter().enumerate() {
///         if ledger.may_send(index) {
///             match send(body).await {
///                 Ok(()) => _ = ledger.published(index),
///                 Err(error) => ledger.failed(error),
///             }
///         }
///     }
///     ledger.finish()
/// }
/// ```
///
/// [`publish_messages`]: crate::channel::MessageChannelAdapter::publish_messages
#[derive(Debug)]
#[must_use = "`finish` returns the outcome of the call"]
pub struct OrderedPublish {
    states: Vec<State>,
    /// For each message, the index of the next message of the same aggregate. Empty if the order does not matter.
    next: Vec<Option<usize>>,
    first: Vec<usize>,
    rejected: Vec<RejectedMessage>,
    failure: Option<PublishError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Published,
    /// Rejected or held back. The reason is in `rejected`.
    Rejected,
}

impl OrderedPublish {
    /// Creates a ledger of pending messages. `aggregates` contains the aggregate of each message, in the order of the
    /// call.
    pub fn new<A: Eq + Hash>(aggregates: impl IntoIterator<Item = A>) -> Self {
        let (mut first, mut next) = (Vec::new(), Vec::new());
        let mut last_of = HashMap::new();
        for (index, aggregate) in aggregates.into_iter().enumerate() {
            next.push(None);
            match last_of.insert(aggregate, index).and_then(|last: usize| next.get_mut(last)) {
                Some(next) => *next = Some(index),
                None => first.push(index),
            }
        }
        Self { states: vec![State::Pending; next.len()], next, first, rejected: Vec::new(), failure: None }
    }

    /// Creates a ledger of pending messages for an adapter that does not preserve the order of messages. Such a ledger
    /// holds back no messages.
    pub fn unordered(messages: usize) -> Self {
        Self {
            states: vec![State::Pending; messages],
            next: Vec::new(),
            first: (0..messages).collect(),
            rejected: Vec::new(),
            failure: None,
        }
    }

    /// Returns the indexes of the messages that may be sent first: the first message of each aggregate, or all messages
    /// if the order does not matter.
    pub fn first(&self) -> &[usize] {
        &self.first
    }

    /// Returns whether a message may be sent now: it has no outcome yet, and [`failed`](Self::failed) was not called.
    pub fn may_send(&self, index: usize) -> bool {
        self.failure.is_none() && self.is_pending(index)
    }

    /// Returns whether [`failed`](Self::failed) was called. If so, no further messages may be sent.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Records that the broker has stored a message. Returns the index of the next message of the same aggregate if
    /// that message may be sent now. Returns `None` otherwise, and always if the order does not matter.
    pub fn published(&mut self, index: usize) -> Option<usize> {
        self.set(index, State::Published);
        self.next_of(index).filter(|next| self.may_send(*next))
    }

    /// Records that the broker rejected a message, or that the message cannot be sent. `permanent` says whether every
    /// further attempt would also fail. If the ledger preserves the order, it holds back the later pending messages of
    /// the aggregate.
    pub fn reject(&mut self, index: usize, permanent: bool, reason: impl Into<Box<dyn Error + Send + Sync>>) {
        if !self.set(index, State::Rejected) {
            return;
        }
        self.rejected.push(RejectedMessage::new(index, permanent, reason));
        let mut next = self.next_of(index);
        while let Some(later) = next {
            if self.set(later, State::Rejected) {
                self.rejected.push(RejectedMessage::new(later, false, HeldBackError));
            }
            next = self.next_of(later);
        }
    }

    /// Records a failure that affects the whole call: the broker is unavailable, or the adapter was shut down. Only the
    /// first failure counts. The outcomes of messages that were sent before the failure can still be recorded.
    pub fn failed(&mut self, failure: PublishError) {
        self.failure.get_or_insert(failure);
    }

    /// Returns the outcome of the call.
    ///
    /// # Errors
    /// If [`failed`](Self::failed) was called before any message had an outcome, the failure that was recorded. If this
    /// failure is itself a [`PublishError::Rejected`], or if some messages have an outcome and others were not
    /// published, the error is [`PublishError::Rejected`]. It lists the rejected messages, the messages that were held
    /// back, and the messages without an outcome. After a failure, the reason for messages without an outcome is
    /// [`UnpublishedError`].
    pub fn finish(mut self) -> Result<(), PublishError> {
        let total = self.states.len();
        let pending: Vec<_> = (0..total).filter(|index| self.is_pending(*index)).collect();
        match self.failure.take() {
            // A `Rejected` failure does not identify the rejected messages of this call. Therefore it is not returned;
            // all pending messages are listed instead.
            Some(failure) if pending.len() == total && !matches!(failure, PublishError::Rejected { .. }) => {
                return Err(failure);
            }
            Some(failure) => {
                let failure = Arc::new(failure);
                self.reject_all(pending, || UnpublishedError::new(failure.clone()));
            }
            None => self.reject_all(pending, || NoOutcomeError),
        }
        if self.rejected.is_empty() {
            return Ok(());
        }
        self.rejected.sort_unstable_by_key(|rejected| rejected.index);
        Err(PublishError::Rejected { total, rejected: self.rejected })
    }

    fn reject_all<E: Error + Send + Sync + 'static>(&mut self, indexes: Vec<usize>, reason: impl Fn() -> E) {
        let rejected = |index| RejectedMessage::new(index, false, reason());
        self.rejected.extend(indexes.into_iter().map(rejected));
    }

    fn is_pending(&self, index: usize) -> bool {
        self.states.get(index) == Some(&State::Pending)
    }

    fn next_of(&self, index: usize) -> Option<usize> {
        self.next.get(index).copied().flatten()
    }

    /// Records the outcome of a pending message. Returns `false` if the message already has an outcome, because the
    /// first outcome is final.
    fn set(&mut self, index: usize, to: State) -> bool {
        let Some(state) = self.states.get_mut(index).filter(|state| **state == State::Pending) else { return false };
        *state = to;
        true
    }
}
