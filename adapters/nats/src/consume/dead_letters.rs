use std::fmt;
use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use async_trait::async_trait;
use castore_core::channel::MessageChannel;
use castore_core::consumer::{DeadLetters, DeadLettersError, StoredDeadLetter};

use super::builders::{WORKER, name_of};
use super::dead_letter::{ATTEMPTS, ERROR_CLASS, REDRIVE_TO, SUBJECT};
use super::durable::{PullConsumer, is_missing};
use crate::connection::Connection;
use crate::publish::REPLAY;
use crate::stream::StreamTopology;
use crate::subject::matches_any;
use crate::{NatsBus, NatsQueue};

/// The dead letters of a [`NatsListener`](crate::NatsListener) of a bus, or of the [workers](crate::NatsWorker) of a
/// queue. The dead letters are read from the channel's stream of dead letters, so the listener or the workers need not
/// run in this process.
///
/// [`redrive`](DeadLetters::redrive) publishes the message with its original subject, and with a header that names the
/// listener or the workers. Other listeners of the bus acknowledge the message without handling it. (Listeners that use
/// an earlier version of this crate ignore the header and handle the message again.) If the durable consumer of the
/// listener was deleted, or its filter no longer passes the message, a redrive fails with
/// [`DeadLettersError::NoConsumer`] and the dead letter remains.
#[derive(Clone)]
pub struct NatsDeadLetters {
    connection: Arc<Connection>,
    durable_name: String,
}

impl NatsDeadLetters {
    /// Returns the dead letters of the workers of a queue.
    pub fn of_workers<C: MessageChannel>(adapter: &impl NatsQueue<C>) -> Self {
        Self { connection: adapter.connection(), durable_name: WORKER.to_owned() }
    }

    /// Returns the dead letters of the listener with this durable name.
    pub fn of_listener<C: MessageChannel>(adapter: &impl NatsBus<C>, durable_name: impl Into<String>) -> Self {
        Self { connection: adapter.connection(), durable_name: durable_name.into() }
    }

    fn subject(&self) -> String {
        self.connection.layout.dead_letters_of(&self.durable_name)
    }

    async fn stream(&self) -> Result<Stream<()>, DeadLettersError> {
        let stream = self.connection.jetstream.get_stream_no_info(self.name()).await;
        stream.map_err(|error| DeadLettersError::broker("find the stream of dead letters", error))
    }

    fn name(&self) -> String {
        format!("{}_DEAD", self.connection.stream)
    }

    /// Returns the first dead letter of this consumer whose sequence number is `sequence` or higher.
    async fn next(&self, stream: &Stream<()>, sequence: u64) -> Result<Option<StreamMessage>, DeadLettersError> {
        match stream.get_first_raw_message_by_subject(self.subject(), sequence).await {
            Ok(message) => Ok(Some(message)),
            Err(error) if is_not_found(&error.kind()) => Ok(None),
            Err(error) => Err(DeadLettersError::broker("read a dead letter", error)),
        }
    }

    /// Returns the dead letter with the given id, which is its sequence number in the stream.
    async fn find(&self, stream: &Stream<()>, id: &str) -> Result<Option<StreamMessage>, DeadLettersError> {
        let Ok(sequence) = id.parse() else { return Ok(None) };
        // `next` may return a letter with a higher sequence number.
        Ok(self.next(stream, sequence).await?.filter(|message| message.sequence == sequence))
    }

    /// Returns whether the consumer would receive a message with this subject. The stream of a bus drops messages that
    /// no consumer receives. The stream of a queue keeps them, so the result is always `true` for queues.
    async fn is_received(&self, subject: &str) -> Result<bool, DeadLettersError> {
        let Connection { jetstream, stream, layout, topology, .. } = &*self.connection;
        if *topology == StreamTopology::Queue {
            return Ok(true);
        }
        // The partition is the last token of the subject.
        let partition = layout.partitions.and_then(|_| subject.rsplit('.').next()?.parse().ok());
        let name = name_of(&self.durable_name, partition);
        let consumer: PullConsumer = match jetstream.get_consumer_from_stream(&name, stream).await {
            Ok(consumer) => consumer,
            Err(error) if is_missing(&error.kind()) => return Ok(false),
            Err(error) => return Err(DeadLettersError::broker("look for the consumer of a dead letter", error)),
        };
        let config = &consumer.cached_info().config;
        let one = Some(&config.filter_subject).filter(|subject| !subject.is_empty());
        let filters: Vec<String> = config.filter_subjects.iter().chain(one).cloned().collect();
        Ok(filters.is_empty() || matches_any(&filters, subject))
    }

    async fn delete(&self, stream: &Stream<()>, sequence: u64) -> Result<bool, DeadLettersError> {
        let deleted = stream.delete_message(sequence).await;
        deleted.map_err(|error| DeadLettersError::broker("remove a dead letter", error))
    }
}

fn is_not_found(kind: &RawMessageErrorKind) -> bool {
    match kind {
        RawMessageErrorKind::NoMessageFound => true,
        RawMessageErrorKind::JetStream(error) => error.error_code() == ErrorCode::NO_MESSAGE_FOUND,
        _ => false,
    }
}

fn header<'a>(message: &'a StreamMessage, name: &str) -> Option<&'a str> {
    message.headers.get(name).map(|value| value.as_str())
}

fn stored(message: &StreamMessage) -> StoredDeadLetter {
    let body = String::from_utf8_lossy(&message.payload);
    let replay = header(message, REPLAY) == Some("true");
    StoredDeadLetter::new(message.sequence.to_string(), body, replay)
        .attempts(header(message, ATTEMPTS).and_then(|attempts| attempts.parse().ok()))
        .error_class(header(message, ERROR_CLASS).map(str::to_owned))
}

#[async_trait]
impl DeadLetters for NatsDeadLetters {
    async fn list(&self, limit: usize) -> Result<Vec<StoredDeadLetter>, DeadLettersError> {
        let stream = self.stream().await?;
        let (mut letters, mut from) = (Vec::new(), 1);
        while letters.len() < limit
            && let Some(message) = self.next(&stream, from).await?
        {
            letters.push(stored(&message));
            from = message.sequence + 1;
        }
        Ok(letters)
    }

    async fn get(&self, id: &str) -> Result<Option<StoredDeadLetter>, DeadLettersError> {
        let stream = self.stream().await?;
        Ok(self.find(&stream, id).await?.as_ref().map(stored))
    }

    async fn redrive(&self, id: &str) -> Result<bool, DeadLettersError> {
        let stream = self.stream().await?;
        let Some(message) = self.find(&stream, id).await? else { return Ok(false) };
        let Some(subject) = header(&message, SUBJECT).map(str::to_owned) else {
            return Err(DeadLettersError::broker("read the subject of a dead letter", "the header is missing"));
        };
        if !self.is_received(&subject).await? {
            return Err(DeadLettersError::NoConsumer);
        }
        let mut headers = HeaderMap::new();
        // If this call is repeated, the server stores the message once. The time is part of the id, because the
        // sequence restarts if the stream was created again.
        let id = format!("{}#{}#{}#redrive", self.name(), message.sequence, message.time);
        headers.insert(NATS_MESSAGE_ID, id);
        headers.insert(REDRIVE_TO, &*self.durable_name);
        if let Some(replay) = header(&message, REPLAY) {
            headers.insert(REPLAY, replay);
        }
        let publish = PublishMessage::build().payload(message.payload.clone()).headers(headers);
        let publish = async { self.connection.jetstream.send_publish(subject, publish).await?.await };
        publish.await.map_err(|error| DeadLettersError::broker("publish a dead letter again", error))?;
        self.delete(&stream, message.sequence).await?;
        Ok(true)
    }

    async fn remove(&self, id: &str) -> Result<bool, DeadLettersError> {
        let stream = self.stream().await?;
        match self.find(&stream, id).await? {
            Some(message) => self.delete(&stream, message.sequence).await,
            None => Ok(false),
        }
    }
}

impl fmt::Debug for NatsDeadLetters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NatsDeadLetters")
            .field("stream", &self.name())
            .field("durable_name", &self.durable_name)
            .finish()
    }
}
