use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::PublishError as NatsPublishError;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use castore_core::channel::{PublishError, PublishMessageOptions};
use castore_core::message::{ChannelMessage, StoredMessage};
use serde::Serialize;
use tokio::sync::Semaphore;

use super::outgoing::{Call, NotSent, Outgoing};
use super::pipeline::pipelined;
use super::send_error::SendError;
use crate::connection::Connection;

/// The publisher shared by all clones of an adapter.
#[derive(Debug)]
pub(super) struct Publisher {
    pub(super) connection: Arc<Connection>,
    /// The JetStream context, which has the timeout for publishing.
    pub(super) jetstream: Context,
    /// A semaphore with a permit for each message that may be in flight. A shutdown closes the semaphore.
    pub(super) places: Semaphore,
    pub(super) max_in_flight: u32,
    pub(super) timeout: Duration,
}

impl Publisher {
    pub(super) async fn publish_message<M: ChannelMessage + Serialize>(
        &self,
        message: M,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let (_, outgoing) = Call::new(&self.connection, options).message(0, &message);
        let outgoing = match outgoing {
            Ok(outgoing) => outgoing,
            Err(NotSent::Serialize(error)) => return Err(PublishError::Serialize(error)),
            Err(error) => {
                return Err(SendError::Refused { permanent: true, reason: error.into_reason() }.into_failure());
            }
        };
        self.send(outgoing).await.map_err(SendError::into_failure)
    }

    pub(super) async fn publish_messages<M: ChannelMessage + Serialize>(
        &self,
        messages: Vec<M>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let call = Call::new(&self.connection, options);
        let prepared = messages.iter().enumerate().map(|(index, message)| call.message(index, message));
        self.publish_all(prepared.collect()).await
    }

    pub(super) async fn publish_stored_messages<M: ChannelMessage>(
        &self,
        messages: Vec<StoredMessage<M>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let call = Call::new(&self.connection, options);
        let prepared = messages.iter().enumerate().map(|(index, message)| call.stored(index, message));
        self.publish_all(prepared.collect()).await
    }

    async fn publish_all(
        &self,
        prepared: Vec<((String, String), Result<Outgoing, NotSent>)>,
    ) -> Result<(), PublishError> {
        if self.places.is_closed() {
            return Err(PublishError::ShutDown);
        }
        let items =
            prepared.into_iter().map(|(aggregate, outgoing)| (aggregate, outgoing.map_err(NotSent::into_reason)));
        let width = self.max_in_flight as usize;
        pipelined(items.collect(), width, |outgoing| self.send(outgoing)).await
    }

    /// Sends a message and waits until the server has stored it. Also succeeds if the server drops the message as a
    /// duplicate.
    async fn send(&self, outgoing: Outgoing) -> Result<(), SendError> {
        let _place = self.places.acquire().await.map_err(|_| SendError::ShutDown)?;
        let Outgoing { subject, headers, body } = outgoing;
        let message = PublishMessage::build().payload(body).headers(headers);
        let sent = async { self.jetstream.send_publish(subject, message).await?.await };
        let stored = tokio::time::timeout(self.timeout, sent).await;
        let stored = stored.unwrap_or_else(|_| Err(NatsPublishError::new(PublishErrorKind::TimedOut)));
        stored.map(|_| ()).map_err(SendError::from)
    }

    /// Waits for the messages in flight, and rejects new messages.
    pub(super) async fn shutdown(&self) {
        // This call fails if the semaphore was already closed. Publishers that come later wait behind this call and are
        // then rejected.
        let all = self.places.acquire_many(self.max_in_flight).await;
        self.places.close();
        drop(all);
    }
}
