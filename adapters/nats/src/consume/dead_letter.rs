use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::Message;
use async_nats::jetstream::message::{Info, PublishMessage};

use crate::connection::Connection;
use crate::publish::REPLAY;

/// The header of a dead letter that contains the original subject.
pub(super) const SUBJECT: &str = "Castore-Subject";

/// The header of a dead letter that contains the number of attempts.
pub(super) const ATTEMPTS: &str = "Castore-Attempts";

/// The header of a dead letter that contains the class of the last error, which is a name of [`Death`].
pub(super) const ERROR_CLASS: &str = "Castore-Error-Class";

/// The header of a redriven message, which is a dead letter that was published again. The header contains the durable
/// name of the consumer that must handle the message.
pub(super) const REDRIVE_TO: &str = "Castore-Redrive-To";

/// The reason why a message is a dead letter. Only the class of an error is stored, because the text of the error may
/// quote the content of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    /// No attempt is left.
    Retry,
    /// The failure is permanent.
    Park,
    /// This program cannot decode the message.
    Malformed,
    /// The message was delivered too often without an acknowledgement.
    Lost,
}

impl Death {
    fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Park => "park",
            Self::Malformed => "malformed",
            Self::Lost => "lost",
        }
    }
}

/// Publishes a message to the stream of dead letters, and waits until the server has stored it. If the same message is
/// published again within the duplicate window, the server drops it as a duplicate.
pub(super) async fn dead_letter(
    connection: &Connection,
    durable_name: &str,
    message: &Message,
    info: &Info<'_>,
    attempts: u32,
    death: Death,
) -> Result<(), async_nats::jetstream::context::PublishError> {
    let mut headers = HeaderMap::new();
    // The sequence restarts at 1 if the stream was deleted and created again, so the id also contains the time at which
    // the message was published.
    let (sequence, published) = (info.stream_sequence, info.published);
    headers.insert(NATS_MESSAGE_ID, format!("{}#{durable_name}#{sequence}#{published:?}", connection.stream));
    headers.insert(SUBJECT, message.subject.as_str());
    headers.insert(ATTEMPTS, attempts.to_string());
    headers.insert(ERROR_CLASS, death.name());
    if is_replay(message) {
        headers.insert(REPLAY, "true");
    }
    let publish = PublishMessage::build().payload(message.payload.clone()).headers(headers);
    let subject = connection.layout.dead_letters_of(durable_name);
    connection.jetstream.send_publish(subject, publish).await?.await.map(|_| ())
}

/// Returns whether a message is a replay.
pub(super) fn is_replay(message: &Message) -> bool {
    let value = message.headers.as_ref().and_then(|headers| headers.get(REPLAY));
    value.is_some_and(|value| value.as_str() == "true")
}

/// Returns whether a message was redriven for a consumer with a different durable name.
pub(super) fn is_redriven_for_another(message: &Message, durable_name: &str) -> bool {
    let value = message.headers.as_ref().and_then(|headers| headers.get(REDRIVE_TO));
    value.is_some_and(|value| value.as_str() != durable_name)
}
