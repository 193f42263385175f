//! Lanes. A lane handles the messages of one message group one after the other, or a single message of a standard
//! queue.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::MessageChannel;
use castore_core::consumer::{DeadLetter, HandlerError, HandlingOutcome, ReceivedMessage, UndecodableMessage};
use castore_core::error::error_chain;

use super::receive::Taken;
use super::shared::Shared;
use crate::message::{MalformedMessageError, Unread, read};

/// The outcome of a lane.
#[derive(Debug)]
pub(super) enum LaneEnd {
    /// All messages are deleted from the queue, or will be soon.
    Done,
    /// A message of the group will be delivered again. Messages of the group that were received in the meantime must be
    /// handed back, too.
    HandedBack,
    /// A handler stopped the worker.
    Stopped(HandlerError),
}

/// The outcome of one message.
enum Settled {
    /// The message is deleted from the queue, or will be soon.
    Gone,
    /// The message will be delivered again. Until then, the later messages of its group wait.
    ComesAgain,
    Stopped(HandlerError),
}

impl<C: MessageChannel> Shared<C> {
    pub(super) async fn run_lane(&self, mut messages: VecDeque<Taken>) -> LaneEnd {
        while let Some(message) = messages.pop_front() {
            let Ok(permit) = self.permits.acquire().await else {
                messages.push_front(message);
                self.hand_back_untried(messages).await;
                return LaneEnd::HandedBack;
            };
            let settled = self.settle(message).await;
            drop(permit);
            let end = match settled {
                Settled::Gone => continue,
                Settled::ComesAgain => LaneEnd::HandedBack,
                Settled::Stopped(error) => LaneEnd::Stopped(error),
            };
            self.hand_back_untried(messages).await;
            return end;
        }
        LaneEnd::Done
    }

    /// Hands back messages for which no handler was called. SQS does not deliver these messages before the previous
    /// message of the group is visible again.
    pub(super) async fn hand_back_untried(&self, messages: VecDeque<Taken>) {
        for message in &messages {
            self.memory.not_attempted(&message.message_id);
        }
        self.queue.hand_back(messages.into(), Duration::ZERO).await;
    }

    async fn settle(&self, taken: Taken) -> Settled {
        let Some(attempt) = self.memory.attempt(&taken.message_id, taken.received) else {
            tracing::warn!(
                channel = C::ID,
                sqs_message_id = taken.message_id,
                received = taken.received,
                "a dead letter still waits for the redrive policy of its queue"
            );
            return Settled::ComesAgain;
        };
        let (replay, read) = self.read(&taken).await;
        let message = match read {
            Ok(message) => Arc::new(message),
            Err(Unread::Malformed(body, error)) => {
                let message = UndecodableMessage::new(body, replay);
                let outcome = self.handler.attempt_undecodable(&message, error, attempt, &self.retry_policy);
                return self.act_on(outcome, taken, |error| DeadLetter::undecodable(message, attempt, error)).await;
            }
            Err(Unread::NotNow(error)) => {
                tracing::warn!(
                    channel = C::ID,
                    sqs_message_id = taken.message_id,
                    error = error_chain(&error),
                    "could not fetch a large message"
                );
                self.memory.not_attempted(&taken.message_id);
                let after = self.retry_policy.delay_after(attempt).max(Duration::from_secs(1));
                self.queue.hand_back(vec![taken], after).await;
                return Settled::ComesAgain;
            }
        };
        let outcome = self.handler.attempt(message.clone(), attempt, replay, &self.retry_policy).await;
        let letter = |error| DeadLetter::new(ReceivedMessage::new(message), attempt, replay, error);
        self.act_on(outcome, taken, letter).await
    }

    async fn act_on(
        &self,
        outcome: HandlingOutcome,
        taken: Taken,
        letter: impl FnOnce(HandlerError) -> DeadLetter<C::Message>,
    ) -> Settled {
        match outcome {
            HandlingOutcome::Done => self.delete(taken).await,
            HandlingOutcome::Retry(after, _) => {
                self.queue.hand_back(vec![taken], after).await;
                Settled::ComesAgain
            }
            HandlingOutcome::Park(error) => self.dead_letter(taken, letter(error)).await,
            HandlingOutcome::Stop(error) => {
                self.memory.not_attempted(&taken.message_id);
                self.queue.hand_back(vec![taken], Duration::ZERO).await;
                Settled::Stopped(error)
            }
        }
    }

    /// Decodes the message, removing its envelope if there is one. Also returns whether the message is a replay.
    async fn read(&self, taken: &Taken) -> (bool, Result<C::Message, Unread>) {
        let claim_check = self.claim_check.as_deref();
        let body = taken.body.as_deref();
        let Some(open) = &self.open_envelope else {
            return (taken.replay, read(C::ID, self.decode, body, claim_check).await);
        };
        let Some(content) = body.and_then(|body| open(body)) else {
            let body = body.unwrap_or_default().to_owned();
            return (taken.replay, Err(Unread::Malformed(body, MalformedMessageError::NotAnEnvelope)));
        };
        (content.replay, read(C::ID, self.decode, Some(&content.json), claim_check).await)
    }

    async fn delete(&self, taken: Taken) -> Settled {
        self.memory.forget(&taken.message_id);
        // The deleting task outlives all lanes, so the channel is open.
        let _ = self.handled.send(taken).await;
        Settled::Gone
    }

    /// Moves a message to the dead-letter queue. Without a dead-letter queue, leaves the message to the redrive policy
    /// of the worker's queue.
    async fn dead_letter(&self, taken: Taken, letter: DeadLetter<C::Message>) -> Settled {
        let Some(dead_letters) = &self.dead_letter_queue_url else {
            tracing::error!(
                channel = C::ID,
                sqs_message_id = taken.message_id,
                received = taken.received,
                "left a dead letter to the redrive policy of its queue"
            );
            self.memory.give_up(&taken.message_id);
            self.handler.dead_letter(self.on_dead_letter.as_ref(), letter);
            return Settled::ComesAgain;
        };
        match self.send_to(dead_letters, &taken).await {
            Ok(()) => {
                tracing::error!(
                    channel = C::ID,
                    sqs_message_id = taken.message_id,
                    dead_letter_queue = ?dead_letters,
                    "moved a message to the dead letters"
                );
                self.handler.dead_letter(self.on_dead_letter.as_ref(), letter);
                self.delete(taken).await
            }
            Err(error) => {
                tracing::error!(
                    channel = C::ID,
                    sqs_message_id = taken.message_id,
                    error = error_chain(&error),
                    "could not move a message to the dead letters"
                );
                Settled::ComesAgain
            }
        }
    }
}
