use std::fmt;
use std::sync::Arc;

use aws_lambda_events::eventbridge::EventBridgeEvent;
use castore_core::channel::{ClaimCheck, MessageBus};
use castore_core::consumer::{ChannelFilter, HandlerError, MessageContext, MessageHandler, ReceivedMessage};
use castore_core::message::ChannelMessage;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::narrows::{AllEvents, AllSources, Narrows};
use crate::receive::{MalformedEventError, ReceiveError, decode, is_pointer, is_replay};

/// The input of a Lambda function that is the target of a rule: a message of bus `B`. The type parameter `S` restricts
/// the input to messages of one event store, and `E` to messages about some of its events.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../castore/src/guide/domain.rs"));
/// use castore_event_bridge::EventBridgeMessageBusMessage;
///
/// /// The events for which a mail is sent.
/// #[derive(Debug, Clone, EventSubset)]
/// #[event_subset(of = PokemonEvent)]
/// enum Mailed {
///     Appeared { name: String, level: u32 },
/// }
///
/// // The function of `lambda_runtime::service_fn`, with `event.payload`.
/// fn mail(event: &EventBridgeMessageBusMessage<AppBus, Pokemon, Mailed>) -> Result<(), Box<dyn std::error::Error>> {
///     let message = event.message()?;
///     let Mailed::Appeared { name, level } = &message.payload;
///     println!("{name} appeared at level {level}: {}", message.event.timestamp);
///     Ok(())
/// }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let json = r#"{"version":"0","id":"6a7e8feb","detail-type":"APPEARED","source":"POKEMONS","account":"123456789012",
/// #   "time":"2024-01-01T00:00:00Z","region":"eu-west-1","resources":[],"detail":{"eventStoreId":"POKEMONS","event":
/// #   {"aggregateId":"pikachu","version":1,"type":"APPEARED","timestamp":"2024-01-01T00:00:00.000Z",
/// #   "payload":{"name":"Pikachu","level":5}}}}"#;
/// # mail(&serde_json::from_str(json)?)
/// # }
/// ```
///
/// If the rule delivers a message of another store or about another event, reading the event fails. A rule with a
/// pattern of [`EventPattern::of_filter`](crate::EventPattern::of_filter) does not deliver such messages, except for
/// large replays that are stored with a claim check.
///
/// The compiler rejects an event store that is not a source of the bus, and an event subset of another store:
///
/// ```compile_fail,E0277
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../castore/src/guide/domain.rs"));
/// # use castore_event_bridge::EventBridgeMessageBusMessage;
/// # message_channel! { type TrainerBus = NotificationMessageBus<Trainer>; }
/// fn handle(event: EventBridgeMessageBusMessage<TrainerBus, Pokemon>) {}
/// # fn main() {}
/// ```
pub struct EventBridgeMessageBusMessage<B, S = AllSources, E = AllEvents>
where
    B: MessageBus,
    S: Narrows<B, E>,
{
    event: EventBridgeEvent<Box<RawValue>>,
    replay: bool,
    /// The decoded message, or `None` if the detail is a pointer that was not resolved.
    content: Option<Content<B, S, E>>,
}

struct Content<B, S, E>
where
    B: MessageBus,
    S: Narrows<B, E>,
{
    shared: Arc<B::Message>,
    message: ReceivedMessage<<S::Filter as ChannelFilter<B>>::Message>,
}

impl<B, S, E> EventBridgeMessageBusMessage<B, S, E>
where
    B: MessageBus<Message: DeserializeOwned>,
    S: Narrows<B, E>,
{
    /// Creates a message from an event that was already parsed. The detail is JSON text, because a `serde_json::Value`
    /// cannot represent every number, for example those of a `u128` field.
    ///
    /// # Errors
    /// [`MalformedEventError`] if the detail is neither one of the expected messages nor a pointer.
    pub fn of_event(event: EventBridgeEvent<Box<RawValue>>) -> Result<Self, MalformedEventError> {
        let detail = event.detail.get();
        let replay = is_replay(&event.detail_type, detail);
        let content = if is_pointer(detail) { None } else { Some(content(&event, detail)?) };
        Ok(Self { event, replay, content })
    }

    /// Fetches the message with the claim check if the detail is a pointer. Call this function if the publishers of the
    /// bus use a [claim check](crate::EventBridgeAdapterBuilder::claim_check).
    ///
    /// # Errors
    /// [`ReceiveError::Claim`] if the message could not be fetched. [`ReceiveError::Malformed`] if the message is not
    /// one of the expected messages, because a rule cannot check the content of a stored message.
    pub async fn resolve(mut self, claim_check: &dyn ClaimCheck) -> Result<Self, ReceiveError> {
        if self.content.is_none() {
            let redeemed = claim_check.redeem(self.event.detail.get()).await?;
            let json = redeemed.ok_or_else(|| not_a_message(&self.event))?;
            self.replay = is_replay(&self.event.detail_type, &json);
            self.content = Some(content(&self.event, &json)?);
        }
        Ok(self)
    }

    /// Calls a handler, for example [`Listeners`](castore_core::consumer::Listeners), with the message. According to
    /// the context, this attempt is the first and the last one, because the configuration of the Lambda function
    /// determines the retries.
    ///
    /// # Errors
    /// The error of the handler, or [`MalformedEventError::NotAMessage`] if the message is stored elsewhere and was not
    /// [resolved](Self::resolve).
    pub async fn handle_with(&self, handler: &MessageHandler<B>) -> Result<(), HandlerError> {
        let content = self.content.as_ref().ok_or_else(|| not_a_message(&self.event))?;
        handler.handle(content.shared.clone(), MessageContext::new(1, 0, self.replay)).await
    }
}

impl<B, S, E> EventBridgeMessageBusMessage<B, S, E>
where
    B: MessageBus,
    S: Narrows<B, E>,
{
    /// Returns the message. The type is the one that a listener with the same filter receives: the message enum of the
    /// bus, a message of one event store, or a message with an event of the subset `E`.
    ///
    /// # Errors
    /// [`MalformedEventError::NotAMessage`] if the message is stored elsewhere and was not [resolved](Self::resolve).
    pub fn message(&self) -> Result<&ReceivedMessage<<S::Filter as ChannelFilter<B>>::Message>, MalformedEventError> {
        self.content.as_ref().map(|content| &content.message).ok_or_else(|| not_a_message(&self.event))
    }

    /// Returns whether the message was published as a replay.
    pub fn is_replay(&self) -> bool {
        self.replay
    }

    /// Returns the event that contained the message.
    pub fn event(&self) -> &EventBridgeEvent<Box<RawValue>> {
        &self.event
    }
}

fn not_a_message(event: &EventBridgeEvent<Box<RawValue>>) -> MalformedEventError {
    MalformedEventError::NotAMessage { source_name: event.source.clone() }
}

fn content<B, S, E>(
    event: &EventBridgeEvent<Box<RawValue>>,
    detail: &str,
) -> Result<Content<B, S, E>, MalformedEventError>
where
    B: MessageBus<Message: DeserializeOwned>,
    S: Narrows<B, E>,
{
    let shared = Arc::new(decode::<B>(&event.source, detail)?);
    let about = shared.as_message();
    let filter = S::filter();
    let message = if filter.passes(&shared, true) { filter.receive(shared.clone()) } else { None };
    let Some(message) = message else {
        let event_type = about.event_type().map(str::to_owned);
        return Err(MalformedEventError::NotAskedFor { event_store_id: about.event_store_id(), event_type });
    };
    Ok(Content { shared, message })
}

impl<'de, B, S, E> Deserialize<'de> for EventBridgeMessageBusMessage<B, S, E>
where
    B: MessageBus<Message: DeserializeOwned>,
    S: Narrows<B, E>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of_event(EventBridgeEvent::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<B, S, E> fmt::Debug for EventBridgeMessageBusMessage<B, S, E>
where
    B: MessageBus,
    S: Narrows<B, E>,
{
    /// Omits the detail, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventBridgeMessageBusMessage")
            .field("id", &self.event.id)
            .field("source", &self.event.source)
            .field("detail_type", &self.event.detail_type)
            .field("replay", &self.replay)
            .field("resolved", &self.content.is_some())
            .finish_non_exhaustive()
    }
}
