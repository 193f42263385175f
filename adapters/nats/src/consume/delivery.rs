use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Message;
use castore_core::channel::MessageChannel;
use castore_core::consumer::{DeadLetter, FailureAction, HandlerError, HandlingOutcome, ReceivedMessage};

use super::dead_letter::{Death, bury, is_replay};
use super::in_hand::InHand;
use super::settings::Settings;

/// How long a message waits that could not be published to the dead letters.
const BURIED_LATER: Duration = Duration::from_secs(5);

/// Handles a message, and tells the server what became of it. Answers the error of a handler that stops the consumer; then
/// the message is still to be handed back, when it cannot come to this consumer again.
pub(super) async fn deliver<C: MessageChannel>(
    settings: &Settings<C>,
    message: &Message,
    in_hand: &InHand,
) -> Option<HandlerError> {
    let info = match message.info() {
        Ok(info) => info,
        Err(error) => {
            // Not of JetStream: there is nobody to tell.
            tracing::warn!(message_channel = C::ID, error = %error, "what came to a consumer was no JetStream message");
            return None;
        }
    };
    let (deliveries, sequence) = (u32::try_from(info.delivered).unwrap_or(u32::MAX), info.stream_sequence);
    let replay = is_replay(message);
    let park = async |attempts, death| {
        let buried = bury(&settings.connection, &settings.durable_name, message, &info, attempts, death).await;
        if let Err(error) = buried {
            tracing::error!(
                message_channel = C::ID,
                stream = %settings.connection.stream,
                sequence,
                error = %error,
                "a dead letter could not be published: the message comes again"
            );
            in_hand.hand_back(BURIED_LATER).await;
            return false;
        }
        settings.handler.count_dead_letter();
        true
    };
    let typed = match (settings.decode)(&message.payload) {
        Ok(typed) => Arc::new(typed),
        Err(error) => {
            // The text of the error may tell of the content.
            tracing::error!(
                message_channel = C::ID,
                stream = %settings.connection.stream,
                sequence,
                subject = %message.subject,
                problem = ?error.classify(),
                line = error.line(),
                column = error.column(),
                "a message is malformed, and goes to the dead letters"
            );
            if park(deliveries, Death::Malformed).await {
                in_hand.done(settings.confirm).await;
            }
            return None;
        }
    };
    let last = settings.retry_policy.attempts().saturating_add(1);
    let verdict = if deliveries > last.saturating_add(settings.lost_deliveries) {
        tracing::error!(
            message_channel = C::ID,
            stream = %settings.connection.stream,
            sequence,
            deliveries,
            "a message was handed out again and again, and nobody said what became of it"
        );
        Err(HandlerError::park("nobody who was given the message said what became of it"))
    } else {
        let attempt = deliveries.clamp(1, last);
        Ok(settings.handler.attempt(typed.clone(), attempt, replay, &settings.retry_policy).await)
    };
    let (attempts, death, error) = match verdict {
        Ok(HandlingOutcome::Done) => {
            in_hand.done(settings.confirm).await;
            return None;
        }
        Ok(HandlingOutcome::Retry(after, _)) => {
            in_hand.hand_back(after).await;
            return None;
        }
        Ok(HandlingOutcome::Stop(error)) => return Some(error),
        Ok(HandlingOutcome::Park(error)) => {
            let death = if error.action() == FailureAction::Park { Death::Park } else { Death::Retry };
            (deliveries.clamp(1, last), death, error)
        }
        Err(error) => (deliveries.saturating_sub(1), Death::Lost, error),
    };
    if park(attempts, death).await {
        if let Some(hook) = &settings.on_dead_letter {
            let letter = DeadLetter::new(ReceivedMessage::new(typed), attempts, replay, error);
            hook.call(C::ID, letter);
        }
        in_hand.done(settings.confirm).await;
    }
    None
}
