use std::fmt;
use std::sync::Arc;

use aws_lambda_events::eventbridge::EventBridgeEvent;
use castore_core::channel::{ClaimCheck, MessageBus};
use castore_core::consumer::{
    ChannelFilter, HandlerError, HandlingOutcome, MessageContext, MessageHandler, ReceivedMessage, RetryPolicy,
    UndecodableMessage,
};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::narrows::{AllEvents, AllSources, Narrows};
use crate::receive::{MalformedEventError, ReceiveError, decode, is_pointer, is_replay};

/// The input of a Lambda function that is the target of a rule: a message of bus `B`. The type parameter `S` restricts
/// the input to messages of one event store, and `E` to messages about some of its event types.
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
///     // `None`: the event has another type, possibly one that only a newer version of the program knows.
///     let Some(message) = event.message()? else { return Ok(()) };
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
/// The type arguments `S` and `E` are the filter of the function. If the rule delivers a message that does not pass
/// this filter, [`message`](Self::message) returns `None`. The function should then succeed, because other consumers
/// also acknowledge messages that pass no filter. `message` returns `None` even if this program cannot decode such a
/// message. For example, only a newer version of the program may know an event type. A message about such an event
/// passes the filter only if the function asks for the whole store or the whole bus. A rule with the pattern of
/// [`EventPattern::of_filter`](crate::EventPattern::of_filter) does not deliver messages that do not pass the filter,
/// apart from the exceptions that [`EventPattern`](crate::EventPattern) lists.
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
    content: Content<B, S, E>,
}

enum Content<B, S, E>
where
    B: MessageBus,
    S: Narrows<B, E>,
{
    /// A message that passes the filter of the function.
    Message { shared: Arc<B::Message>, message: ReceivedMessage<<S::Filter as ChannelFilter<B>>::Message> },
    /// A message that does not pass the filter of the function.
    NotAskedFor,
    /// A message that this program cannot decode.
    Undecodable(UndecodableMessage, MalformedEventError),
    /// A pointer to a message that is stored elsewhere.
    Pointer,
}

impl<B, S, E> EventBridgeMessageBusMessage<B, S, E>
where
    B: MessageBus<Message: DeserializeOwned>,
    S: Narrows<B, E>,
{
    /// Creates a message from an event that was already parsed. The detail must be JSON text, because a
    /// `serde_json::Value` cannot represent every number, for example not every number of a `u128` field.
    ///
    /// # Errors
    /// [`MalformedEventError::NotAMessage`] if the detail of the event is neither a message of Castore nor an object
    /// without an `eventStoreId`, which may be a pointer.
    pub fn of_event(event: EventBridgeEvent<Box<RawValue>>) -> Result<Self, MalformedEventError> {
        let detail = event.detail.get();
        let replay = is_replay(&event.detail_type, detail);
        let content = if is_pointer(detail) { Content::Pointer } else { content(&event, detail, replay)? };
        Ok(Self { event, replay, content })
    }

    /// Fetches the message with the claim check if the detail is a pointer. Call this function if the publishers of the
    /// bus use a [claim check](crate::EventBridgeAdapterBuilder::claim_check).
    ///
    /// # Errors
    /// [`ReceiveError::Claim`] if the message could not be fetched; [`ReceiveError::Malformed`] if the detail is not a
    /// pointer of this claim check, or if the fetched text is not a message of Castore.
    pub async fn resolve(mut self, claim_check: &dyn ClaimCheck) -> Result<Self, ReceiveError> {
        if matches!(self.content, Content::Pointer) {
            let redeemed = claim_check.redeem(self.event.detail.get()).await?;
            let json = redeemed.ok_or_else(|| not_a_message(&self.event))?;
            self.replay = is_replay(&self.event.detail_type, &json);
            self.content = content(&self.event, &json, self.replay)?;
        }
        Ok(self)
    }

    /// Calls a handler, for example [`Listeners`](castore_core::consumer::Listeners), with the message. Does not call
    /// the handler if the type arguments `S` and `E` exclude the message. The context that the handler receives always
    /// describes the first and last attempt, because the configuration of the Lambda function determines the retries.
    ///
    /// A message that this program cannot decode is [ignored](castore_core::consumer::ConsumerStatus::ignored) if it
    /// passes no filter of the handler. Otherwise the [action](MessageHandler::undecodable_action) of the handler
    /// decides.
    ///
    /// # Errors
    /// The error of the handler, an error about a message that cannot be decoded, or an error about a pointer that was
    /// not [resolved](Self::resolve).
    pub async fn handle_with(&self, handler: &MessageHandler<B>) -> Result<(), HandlerError> {
        match &self.content {
            Content::Message { shared, .. } => {
                handler.handle(shared.clone(), MessageContext::new(1, 0, self.replay)).await
            }
            Content::NotAskedFor => Ok(()),
            Content::Undecodable(message, error) => {
                match handler.attempt_undecodable(message, error.clone(), 1, &RetryPolicy::NEVER) {
                    HandlingOutcome::Done => Ok(()),
                    HandlingOutcome::Retry(_, error) | HandlingOutcome::Park(error) | HandlingOutcome::Stop(error) => {
                        Err(error)
                    }
                }
            }
            Content::Pointer => Err(not_a_message(&self.event).into()),
        }
    }
}

impl<B, S, E> EventBridgeMessageBusMessage<B, S, E>
where
    B: MessageBus,
    S: Narrows<B, E>,
{
    /// Returns the message, in the type that a listener with the same filter receives: the bus's enum, the message of
    /// one event store, or a message whose event is of the subset `E`. Returns `None` if the message comes from another
    /// store or is about an event that is not in `E`, even if this program cannot decode the message.
    ///
    /// # Errors
    /// [`MalformedEventError::Fields`] or [`MalformedEventError::UnknownEventStore`] if the message passes the filter,
    /// but this program cannot decode it. If the function returns this error, Lambda retries the message. Another
    /// version of the function may be able to decode it. Returns [`MalformedEventError::NotAMessage`] if the message is
    /// stored elsewhere and was not [resolved](Self::resolve).
    #[allow(clippy::type_complexity, reason = "the type that a listener with the same filter receives")]
    pub fn message(
        &self,
    ) -> Result<Option<&ReceivedMessage<<S::Filter as ChannelFilter<B>>::Message>>, MalformedEventError> {
        match &self.content {
            Content::Message { message, .. } => Ok(Some(message)),
            Content::NotAskedFor => Ok(None),
            Content::Undecodable(message, error) if message.passes(&S::filter().patterns()) => Err(error.clone()),
            Content::Undecodable(..) => Ok(None),
            Content::Pointer => Err(not_a_message(&self.event)),
        }
    }

    /// Returns whether the message was published as a replay. A replayed aggregate-exists message is recognized only if
    /// its publisher [marks](crate::EventBridgeAdapterBuilder::mark_replays_in_detail) it.
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
    replay: bool,
) -> Result<Content<B, S, E>, MalformedEventError>
where
    B: MessageBus<Message: DeserializeOwned>,
    S: Narrows<B, E>,
{
    let shared = match decode::<B>(&event.source, detail) {
        Ok(message) => Arc::new(message),
        Err(error @ MalformedEventError::NotAMessage { .. }) => return Err(error),
        Err(error) => return Ok(Content::Undecodable(UndecodableMessage::new(detail, replay), error)),
    };
    let filter = S::filter();
    let message = if filter.passes(&shared, true) { filter.receive(shared.clone()) } else { None };
    Ok(match message {
        Some(message) => Content::Message { shared, message },
        None => Content::NotAskedFor,
    })
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
            .field("resolved", &!matches!(self.content, Content::Pointer))
            .finish_non_exhaustive()
    }
}
