//! A lane handles messages one after the other: those of a message group, or a single one of a standard queue.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::MessageChannel;
use castore_core::consumer::{DeadLetter, HandlerError, HandlingOutcome, ReceivedMessage};
use castore_core::error::error_chain;

use super::receive::Taken;
use super::shared::Shared;
use crate::message::{MalformedMessageError, ReadMessageError, read};

/// How a lane ended.
#[derive(Debug)]
pub(super) enum LaneEnd {
    /// All its messages are settled.
    Done,
    /// Some were handed back. Messages of the group that were received meanwhile must be handed back, too.
    HandedBack,
    /// A handler stops the worker.
    Stopped(HandlerError),
}

/// The outcome of one message.
enum Settled {
    /// It is deleted from the queue, or will be soon.
    Gone,
    /// It is delivered again. Until then the later messages of its group wait.
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

    /// Messages that no handler was called with. Their group is locked for as long as the one before them is not visible.
    pub(super) async fn hand_back_untried(&self, messages: VecDeque<Taken>) {
        for message in &messages {
            self.memory.not_attempted(&message.message_id);
        }
        self.queue.hand_back(messages.into(), Duration::ZERO).await;
    }

    async fn settle(&self, taken: Taken) -> Settled {
        let Some(attempt) = self.memory.attempt(&taken.message_id, taken.received) else {
            tracing::warn!(
                message_channel = C::ID,
                sqs_message_id = taken.message_id,
                received = taken.received,
                "a message that could not be handled still waits for the redrive policy of its queue"
            );
            return Settled::ComesAgain;
        };
        let (message, replay) = match self.read(&taken).await {
            Ok((message, replay)) => (Arc::new(message), replay),
            Err(ReadMessageError::Malformed(error)) => {
                tracing::error!(
                    message_channel = C::ID,
                    sqs_message_id = taken.message_id,
                    group = taken.group_id,
                    received = taken.received,
                    %error,
                    "a message is malformed, and is not deleted"
                );
                return self.dead_letter(taken, None).await;
            }
            Err(ReadMessageError::NotNow(error)) => {
                tracing::warn!(
                    message_channel = C::ID,
                    sqs_message_id = taken.message_id,
                    error = error_chain(&error),
                    "a large message could not be fetched"
                );
                self.memory.not_attempted(&taken.message_id);
                let after = self.retry_policy.delay_after(attempt).max(Duration::from_secs(1));
                self.queue.hand_back(vec![taken], after).await;
                return Settled::ComesAgain;
            }
        };
        match self.handler.attempt(message.clone(), attempt, replay, &self.retry_policy).await {
            HandlingOutcome::Done => self.delete(taken).await,
            HandlingOutcome::Retry(after, _) => {
                self.queue.hand_back(vec![taken], after).await;
                Settled::ComesAgain
            }
            HandlingOutcome::Park(error) => {
                let letter = DeadLetter::new(ReceivedMessage::new(message), attempt, replay, error);
                self.dead_letter(taken, Some(letter)).await
            }
            HandlingOutcome::Stop(error) => {
                self.memory.not_attempted(&taken.message_id);
                self.queue.hand_back(vec![taken], Duration::ZERO).await;
                Settled::Stopped(error)
            }
        }
    }

    /// The message, out of its envelope if it has one, and whether it is a replay.
    async fn read(&self, taken: &Taken) -> Result<(C::Message, bool), ReadMessageError> {
        let claim_check = self.claim_check.as_deref();
        let Some(open) = &self.open_envelope else {
            let message = read(C::ID, self.decode, taken.body.as_deref(), claim_check).await?;
            return Ok((message, taken.replay));
        };
        let content = taken.body.as_deref().and_then(|body| open(body)).ok_or(MalformedMessageError::NotAnEnvelope)?;
        let message = read(C::ID, self.decode, Some(&content.json), claim_check).await?;
        Ok((message, content.replay))
    }

    async fn delete(&self, taken: Taken) -> Settled {
        self.memory.forget(&taken.message_id);
        // The task that deletes outlives all lanes.
        let _ = self.handled.send(taken).await;
        Settled::Gone
    }

    /// Moves a message to the dead-letter queue. Without one it leaves the message to the redrive policy of its queue. A
    /// malformed message has no `letter`.
    async fn dead_letter(&self, taken: Taken, letter: Option<DeadLetter<C::Message>>) -> Settled {
        let Some(dead_letters) = &self.dead_letter_queue_url else {
            tracing::error!(
                message_channel = C::ID,
                sqs_message_id = taken.message_id,
                received = taken.received,
                "a message is left to the redrive policy of its queue; with `dead_letter_queue_url` it would be moved at once"
            );
            self.memory.give_up(&taken.message_id);
            self.record_dead_letter(letter);
            return Settled::ComesAgain;
        };
        match self.send_to(dead_letters, &taken).await {
            Ok(()) => {
                tracing::error!(
                    message_channel = C::ID,
                    sqs_message_id = taken.message_id,
                    dead_letter_queue = ?dead_letters,
                    "a message was moved to the dead-letter queue"
                );
                self.record_dead_letter(letter);
                self.delete(taken).await
            }
            Err(error) => {
                tracing::error!(
                    message_channel = C::ID,
                    sqs_message_id = taken.message_id,
                    error = error_chain(&error),
                    "a message could not be moved to the dead-letter queue, and is delivered again"
                );
                Settled::ComesAgain
            }
        }
    }

    fn record_dead_letter(&self, letter: Option<DeadLetter<C::Message>>) {
        match letter {
            Some(letter) => self.handler.dead_letter(self.on_dead_letter.as_ref(), letter),
            None => self.handler.malformed_dead_letter(),
        }
    }
}
