use std::error::Error;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use bytes::Bytes;
use castore_core::channel::PublishMessageOptions;
use castore_core::context::EventContext;
use castore_core::message::{ChannelMessage, StoredMessage};
use serde::Serialize;
use uuid::Uuid;

use super::ids::message_id;
use crate::connection::Connection;
use crate::subject::MAX_SUBJECT_LEN;
use crate::{MessageTooLargeError, SubjectTooLongError};

/// The header that marks replays.
pub(crate) const REPLAY: &str = "Castore-Replay";

/// The number of bytes by which messages must stay below the server's limit, because a dead letter has more headers
/// than the message.
pub(crate) const KEPT_FREE: usize = 1024;

/// The ids of an event store and an aggregate. A publishing call sends the messages of an aggregate in order.
pub(super) type Aggregate = (String, String);

/// A message that is ready to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) subject: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The reason why a message cannot be sent.
#[derive(Debug)]
pub(super) enum NotSent {
    Serialize(serde_json::Error),
    TooLarge(MessageTooLargeError),
    SubjectTooLong(SubjectTooLongError),
}

impl NotSent {
    /// Returns the reason as an error, for a [`RejectedMessage`](castore_core::channel::RejectedMessage).
    pub(super) fn into_reason(self) -> Box<dyn Error + Send + Sync> {
        match self {
            Self::Serialize(error) => Box::new(error),
            Self::TooLarge(error) => Box::new(error),
            Self::SubjectTooLong(error) => Box::new(error),
        }
    }
}

/// A call that publishes messages. The id of the call is part of those message ids that must be unique.
pub(super) struct Call<'a> {
    connection: &'a Connection,
    options: PublishMessageOptions,
    id: Uuid,
}

struct About<'a> {
    event_store_id: &'a str,
    aggregate_id: &'a str,
    version: Option<u64>,
    event_type: Option<&'a str>,
    context: EventContext,
}

impl<'a> Call<'a> {
    pub(super) fn new(connection: &'a Connection, options: PublishMessageOptions) -> Self {
        Self { connection, options, id: Uuid::new_v4() }
    }

    pub(super) fn message<M: ChannelMessage + Serialize>(
        &self,
        index: usize,
        message: &M,
    ) -> (Aggregate, Result<Outgoing, NotSent>) {
        let about = message.as_message();
        let (event_store_id, aggregate_id) = (about.event_store_id(), about.aggregate_id());
        let about = About {
            event_store_id,
            aggregate_id: &aggregate_id,
            version: about.version(),
            event_type: about.event_type(),
            context: about.event_context(),
        };
        let outgoing = self.outgoing(index, about, message);
        ((event_store_id.to_owned(), aggregate_id), outgoing)
    }

    pub(super) fn stored<M: ChannelMessage>(
        &self,
        index: usize,
        message: &StoredMessage<M>,
    ) -> (Aggregate, Result<Outgoing, NotSent>) {
        let event = &message.event;
        let about = About {
            event_store_id: &message.event_store_id,
            aggregate_id: &event.aggregate_id,
            version: Some(event.version),
            event_type: Some(&event.event_type),
            context: event.context(),
        };
        let outgoing = self.outgoing(index, about, message);
        ((message.event_store_id.to_string(), event.aggregate_id.clone()), outgoing)
    }

    fn outgoing(&self, index: usize, about: About<'_>, message: &impl Serialize) -> Result<Outgoing, NotSent> {
        let About { event_store_id, aggregate_id, version, event_type, context } = about;
        let replay = self.options.replay;
        let subject = self.connection.layout.subject(event_store_id, aggregate_id, event_type, replay);
        if subject.len() > MAX_SUBJECT_LEN {
            let error = SubjectTooLongError { length: subject.len(), limit: MAX_SUBJECT_LEN };
            return Err(NotSent::SubjectTooLong(error));
        }
        let mut headers = HeaderMap::new();
        let id = message_id(event_store_id, aggregate_id, version, &self.options, || format!("{}-{index}", self.id));
        headers.insert(NATS_MESSAGE_ID, id);
        if replay {
            headers.insert(REPLAY, "true");
        }
        for (name, value) in context.headers() {
            headers.insert(name, value);
        }
        let body = Bytes::from(serde_json::to_vec(message).map_err(NotSent::Serialize)?);
        let size = wire_len(&headers) + body.len();
        let limit = self.connection.client.max_payload().saturating_sub(KEPT_FREE);
        if size > limit {
            return Err(NotSent::TooLarge(MessageTooLargeError { size, limit }));
        }
        Ok(Outgoing { subject, headers, body })
    }
}

/// Returns the size of headers, as the server counts it.
fn wire_len(headers: &HeaderMap) -> usize {
    let lines = headers.iter().flat_map(|(name, values)| {
        let name: &str = name.as_ref();
        // `name: value\r\n`
        values.iter().map(move |value| name.len() + value.as_str().len() + 4)
    });
    "NATS/1.0\r\n\r\n".len() + lines.sum::<usize>()
}
