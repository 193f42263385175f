use std::fmt;
use std::sync::Arc;

use aws_sdk_eventbridge::Client;
use castore_aws::{BatchFailure, EntryOutcome, PublishOptions, Rejection, Request, SerializedMessage};
use castore_core::channel::{PublishError, PublishMessageOptions};
use castore_core::message::{ChannelMessage, StoredMessage};
use serde::Serialize;

use super::outcome;
use crate::EventBusName;
use crate::entry::Outgoing;

/// The publisher of an adapter, independent of the type of its channel.
pub(super) struct Publisher {
    pub(super) client: Client,
    pub(super) event_bus_name: EventBusName,
    pub(super) mark_replays: bool,
    pub(super) options: PublishOptions,
}

impl Publisher {
    pub(super) async fn publish_messages<M: ChannelMessage + Serialize>(
        &self,
        messages: &[M],
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.publish(SerializedMessage::of_messages(messages), options).await
    }

    pub(super) async fn publish_stored_messages<M: ChannelMessage>(
        &self,
        messages: &[StoredMessage<M>],
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.publish(SerializedMessage::of_stored(messages), options).await
    }

    async fn publish(
        &self,
        messages: Vec<SerializedMessage>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        if messages.is_empty() {
            return Ok(());
        }
        let event_bus_name = self.event_bus_name.get().await.map_err(|error| PublishError::Broker(error.into()))?;
        let write = |identity: &_, json| {
            Outgoing::new(identity, json, options.replay, self.mark_replays).map_err(Rejection::permanent)
        };
        // EventBridge guarantees no order, so entries can be sent in any order.
        self.options.publish(messages, false, write, |batch| self.send_batch(event_bus_name, batch)).await
    }

    async fn send_batch(
        &self,
        event_bus_name: &str,
        batch: Vec<Arc<Outgoing>>,
    ) -> Result<Vec<EntryOutcome>, BatchFailure> {
        let entries: Vec<_> = batch.iter().map(|outgoing| outgoing.entry(event_bus_name)).collect();
        let answer = Request::new("EventBridge", "PutEvents", &self.options.policy)
            .send(|| self.client.put_events().set_entries(Some(entries.clone())).send())
            .await
            .map_err(outcome::of_call)?;
        Ok(outcome::of_entries(answer))
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Publisher")
            .field("event_bus_name", &self.event_bus_name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
