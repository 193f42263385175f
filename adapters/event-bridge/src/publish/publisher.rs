use std::fmt;
use std::sync::Arc;

use aws_sdk_eventbridge::Client;
use castore_aws::{
    BatchEntry, BatchFailure, BatchLimits, EntryOutcome, Rejection, Request, RequestPolicy, publish_in_batches,
};
use castore_core::channel::{ClaimCheck, PublishError, PublishMessageOptions};
use castore_core::message::{ChannelMessage, RawNotification};
use serde::Serialize;

use super::outcome;
use crate::EventBusName;
use crate::entry::{About, Outgoing};

/// What an adapter does, whatever the channel.
pub(super) struct Publisher {
    pub(super) client: Client,
    pub(super) event_bus_name: EventBusName,
    pub(super) policy: RequestPolicy,
    pub(super) max_message_bytes: usize,
    pub(super) mark_replays: bool,
    pub(super) claim_check: Option<Arc<dyn ClaimCheck>>,
    pub(super) claim_check_over: Option<usize>,
}

/// How many entries EventBridge takes in a request.
const MAX_ENTRIES: usize = 10;

/// How many requests of one call are on their way at a time.
const IN_FLIGHT: usize = 4;

/// What an event is larger than its entry when a rule hands it on: the names and values of id, time, account, region and
/// so on. Targets have limits, too.
const ENVELOPE: usize = 4 * 1024;

impl Publisher {
    pub(super) async fn publish_messages<M: ChannelMessage + Serialize>(
        &self,
        messages: impl IntoIterator<Item = M>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let messages = messages
            .into_iter()
            .map(|message| (About::message(message.as_message()), serde_json::to_string(&message)))
            .collect();
        self.publish(messages, options).await
    }

    pub(super) async fn publish_raw_notifications(
        &self,
        notifications: Vec<RawNotification>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let messages = notifications.iter().map(|raw| (About::raw(raw), serde_json::to_string(raw))).collect();
        self.publish(messages, options).await
    }

    async fn publish(
        &self,
        messages: Vec<(About, serde_json::Result<String>)>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        if messages.is_empty() {
            return Ok(());
        }
        let event_bus_name = self.event_bus_name.get().await.map_err(|error| PublishError::Broker(error.into()))?;
        let mut entries = Vec::with_capacity(messages.len());
        for (about, json) in messages {
            let content = match json {
                Ok(json) => self.prepare(&about, json, options.replay).await,
                Err(error) => Err(Rejection::permanent(error)),
            };
            let bytes = content.as_ref().map_or(0, Outgoing::bytes);
            entries.push(BatchEntry { group: about.aggregate(), content, bytes });
        }
        let limits = BatchLimits {
            entries: MAX_ENTRIES,
            bytes: self.max_message_bytes,
            in_flight: IN_FLIGHT,
            // EventBridge promises no order, so there is none to keep.
            ordered: false,
        };
        publish_in_batches(entries, limits, &self.policy, |batch| self.send_batch(event_bus_name, batch)).await
    }

    async fn send_batch(
        &self,
        event_bus_name: &str,
        batch: Vec<Arc<Outgoing>>,
    ) -> Result<Vec<EntryOutcome>, BatchFailure> {
        let entries: Vec<_> = batch.iter().map(|outgoing| outgoing.entry(event_bus_name)).collect();
        let answer = Request::new("EventBridge", "PutEvents", &self.policy)
            .send(|| self.client.put_events().set_entries(Some(entries.clone())).send())
            .await
            .map_err(outcome::of_call)?;
        Ok(outcome::of_entries(answer))
    }

    async fn prepare(&self, about: &About, json: String, replay: bool) -> Result<Outgoing, Rejection> {
        let outgoing = Outgoing::new(about, json, replay, self.mark_replays).map_err(Rejection::permanent)?;
        let Some(claim_check) = &self.claim_check else { return Ok(outgoing) };
        let limit = self.max_message_bytes;
        let threshold = self.claim_check_over.unwrap_or(limit.saturating_sub(ENVELOPE)).min(limit);
        let checked_in = outgoing.checked_in(about, &**claim_check, threshold).await;
        checked_in.map_err(|error| Rejection { permanent: error.permanent, reason: Box::new(error) })
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Publisher")
            .field("event_bus_name", &self.event_bus_name)
            .field("policy", &self.policy)
            .field("max_message_bytes", &self.max_message_bytes)
            .field("claim_check", &self.claim_check)
            .finish_non_exhaustive()
    }
}
