use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::context::PublishErrorKind;
use castore_core::channel::MessageChannel;
use castore_core::consumer::{
    DeadLetter, FailureAction, HandlerError, HandlingOutcome, ReceivedMessage, UndecodableMessage,
};
use castore_core::error::error_chain;

use super::dead_letter::{Death, dead_letter, is_redriven_for_another, is_replay};
use super::in_flight::InFlight;
use super::settings::Settings;

/// The delay after which a message is delivered again if it could not be published to the dead letters.
const DEAD_LETTER_DELAY: Duration = Duration::from_secs(5);

/// Hands back a message that passes only the filter of a newer version of this listener. The delay before the next
/// delivery grows, because each delivery counts towards the limit of lost deliveries.
pub(super) async fn hand_back_foreign<C: MessageChannel>(
    settings: &Settings<C>,
    message: &Message,
    in_flight: InFlight,
) {
    let deliveries = message.info().map_or(1, |info| u32::try_from(info.delivered).unwrap_or(u32::MAX));
    tracing::debug!(
        channel = C::ID,
        stream = %settings.connection.stream,
        subject = %message.subject,
        deliveries,
        "handed back a message that does not pass the filter of this listener"
    );
    let delay = Duration::from_millis(100).saturating_mul(deliveries.saturating_mul(deliveries));
    in_flight.hand_back(delay.min(Duration::from_secs(30))).await;
}

/// An error for a payload that contains no message of the channel. The text of serde's error is dropped, because that
/// text may quote the content.
#[derive(Debug, thiserror::Error)]
#[error(
    "the payload is not a message of the channel (line {line}, column {column}); it may come from another version of the program"
)]
struct MalformedMessage {
    line: usize,
    column: usize,
}

/// Handles a message, and then acknowledges the message, hands it back, or moves it to the dead letters. If the handler
/// stops the consumer, returns the error of the handler and the message. The caller hands this message back after the
/// subscription has ended.
pub(super) async fn deliver<C: MessageChannel>(
    settings: &Settings<C>,
    message: &Message,
    in_flight: InFlight,
) -> Option<(HandlerError, InFlight)> {
    let info = match message.info() {
        Ok(info) => info,
        Err(error) => {
            // The message does not come from JetStream, so no acknowledgement is expected.
            tracing::warn!(
                channel = C::ID,
                error = error_chain(&*error),
                "received a message that does not come from JetStream"
            );
            return None;
        }
    };
    if is_redriven_for_another(message, &settings.durable_name) {
        in_flight.done(settings.confirm).await;
        return None;
    }
    let (deliveries, sequence) = (u32::try_from(info.delivered).unwrap_or(u32::MAX), info.stream_sequence);
    let replay = is_replay(message);
    let move_to_dead_letters = async |attempts, death| {
        let publish = || dead_letter(&settings.connection, &settings.durable_name, message, &info, attempts, death);
        let mut moved = publish().await;
        let deleted = matches!(&moved, Err(error) if error.kind() == PublishErrorKind::StreamNotFound);
        if deleted && settings.recreate && settings.connection.set_up_streams().await.is_ok() {
            moved = publish().await;
        }
        if let Err(error) = &moved {
            tracing::error!(
                channel = C::ID,
                stream = %settings.connection.stream,
                sequence,
                error = error_chain(error),
                "could not move a message to the dead letters"
            );
        }
        moved.is_ok()
    };
    let last = settings.retry_policy.attempts().saturating_add(1);
    let typed = match (settings.decode)(&message.payload) {
        Ok(typed) => Arc::new(typed),
        Err(error) => {
            let message = UndecodableMessage::new(String::from_utf8_lossy(&message.payload), replay);
            let attempt = deliveries.clamp(1, last);
            let error = MalformedMessage { line: error.line(), column: error.column() };
            match settings.handler.attempt_undecodable(&message, error, attempt, &settings.retry_policy) {
                HandlingOutcome::Done => in_flight.done(settings.confirm).await,
                HandlingOutcome::Retry(after, _) => in_flight.hand_back(after).await,
                HandlingOutcome::Stop(error) => return Some((error, in_flight)),
                HandlingOutcome::Park(error) if move_to_dead_letters(attempt, Death::Malformed).await => {
                    let letter = DeadLetter::undecodable(message, attempt, error);
                    settings.handler.dead_letter(settings.on_dead_letter.as_ref(), letter);
                    in_flight.done(settings.confirm).await;
                }
                HandlingOutcome::Park(_) => in_flight.hand_back(DEAD_LETTER_DELAY).await,
            }
            return None;
        }
    };
    let verdict = if deliveries > last.saturating_add(settings.lost_deliveries) {
        tracing::error!(
            channel = C::ID,
            stream = %settings.connection.stream,
            sequence,
            deliveries,
            "a message was redelivered too often without an acknowledgement"
        );
        Err(HandlerError::park(format!(
            "the message was delivered {} times and never acknowledged",
            deliveries.saturating_sub(1)
        )))
    } else {
        let attempt = deliveries.clamp(1, last);
        Ok(settings.handler.attempt(typed.clone(), attempt, replay, &settings.retry_policy).await)
    };
    let (attempts, death, error) = match verdict {
        Ok(HandlingOutcome::Done) => {
            in_flight.done(settings.confirm).await;
            return None;
        }
        Ok(HandlingOutcome::Retry(after, _)) => {
            in_flight.hand_back(after).await;
            return None;
        }
        Ok(HandlingOutcome::Stop(error)) => return Some((error, in_flight)),
        Ok(HandlingOutcome::Park(error)) => {
            let death = if error.action() == FailureAction::Park { Death::Park } else { Death::Retry };
            (deliveries.clamp(1, last), death, error)
        }
        Err(error) => (deliveries.saturating_sub(1), Death::Lost, error),
    };
    if move_to_dead_letters(attempts, death).await {
        let letter = DeadLetter::new(ReceivedMessage::new(typed), attempts, replay, error);
        settings.handler.dead_letter(settings.on_dead_letter.as_ref(), letter);
        in_flight.done(settings.confirm).await;
    } else {
        in_flight.hand_back(DEAD_LETTER_DELAY).await;
    }
    None
}
