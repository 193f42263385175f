use std::fmt;

use castore_core::channel::{ClaimCheck, ClaimCheckError, MessageChannel};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::detail::{decode, is_replay};
use super::{MalformedEventError, ReceiveError};

/// An EventBridge event as the target of a rule receives it, for example as the body of an SQS message. The rule must
/// not transform its input.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../castore/src/guide/domain.rs"));
/// # use castore_event_bridge::EventBridgeEnvelope;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let body = r#"{"version":"0","id":"6a7e8feb","detail-type":"LEVELED_UP","source":"POKEMONS","account":"123456789012",
/// #   "time":"2024-01-01T00:00:00Z","region":"eu-west-1","resources":[],"detail":{"eventStoreId":"POKEMONS","event":
/// #   {"aggregateId":"pikachu","version":2,"type":"LEVELED_UP","timestamp":"2024-01-01T00:00:00.000Z"}}}"#;
/// let envelope = EventBridgeEnvelope::parse(body)?;
/// let message = envelope.message::<AppBus>()?;
/// assert!(matches!(message, AppBusMessage::Pokemon(_)) && !envelope.is_replay());
/// # Ok(())
/// # }
/// ```
///
/// For a rule with an SQS queue as its target, use this type in the argument `open` of `SqsWorker::builder_behind_bus`
/// in `castore-sqs`.
#[derive(Clone)]
pub struct EventBridgeEnvelope {
    event: Event,
    replay: bool,
    /// The JSON that was fetched with the claim check, if the detail is a pointer.
    redeemed: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Event {
    #[serde(default)]
    id: Option<String>,
    source: String,
    detail_type: String,
    detail: Box<RawValue>,
}

impl EventBridgeEnvelope {
    /// Parses an event, but not yet its message.
    ///
    /// # Errors
    /// [`MalformedEventError::NotAnEvent`] if the text is not an EventBridge event.
    pub fn parse(json: &str) -> Result<Self, MalformedEventError> {
        let event: Event = serde_json::from_str(json)
            .map_err(|error| MalformedEventError::NotAnEvent { line: error.line(), column: error.column() })?;
        let replay = is_replay(&event.detail_type, event.detail.get());
        Ok(Self { event, replay, redeemed: None })
    }

    /// Fetches the message with the claim check if the detail is a pointer.
    ///
    /// # Errors
    /// [`ClaimCheckError`] if the message could not be fetched. The error shows whether the failure is permanent.
    pub async fn redeem(mut self, claim_check: &dyn ClaimCheck) -> Result<Self, ClaimCheckError> {
        if let Some(json) = claim_check.redeem(self.detail()).await? {
            self.replay = is_replay(self.detail_type(), &json);
            self.redeemed = Some(json);
        }
        Ok(self)
    }

    /// Returns the message of bus `C`.
    ///
    /// # Errors
    /// [`MalformedEventError`] if the event contains no message of the bus that this program can decode. If the
    /// [detail](Self::detail) is a message of Castore, another version of the program may be able to decode it. In this
    /// case, pass the message to [`attempt_undecodable`](castore_core::consumer::MessageHandler::attempt_undecodable),
    /// which decides whether to acknowledge or retry it. Otherwise, the event should become a dead letter.
    pub fn message<C>(&self) -> Result<C::Message, MalformedEventError>
    where
        C: MessageChannel<Message: DeserializeOwned>,
    {
        decode::<C>(self.source(), self.detail())
    }

    /// Parses an event, and returns its message of bus `C` and whether the message is a replay. If a claim check is
    /// given, a large message is fetched with it.
    ///
    /// # Errors
    /// [`ReceiveError::Malformed`] if the event contains no message of the bus that this program can decode.
    /// [`ReceiveError::Claim`] if a large message could not be fetched. Move the event to the dead letters if the error
    /// [is permanent](ReceiveError::is_permanent), and retry it otherwise.
    pub async fn receive<C>(
        json: &str,
        claim_check: Option<&dyn ClaimCheck>,
    ) -> Result<(C::Message, bool), ReceiveError>
    where
        C: MessageChannel<Message: DeserializeOwned>,
    {
        let mut envelope = Self::parse(json)?;
        if let Some(claim_check) = claim_check {
            envelope = envelope.redeem(claim_check).await?;
        }
        Ok((envelope.message::<C>()?, envelope.is_replay()))
    }

    /// Returns whether the message was published as a replay. A replayed aggregate-exists message is recognized only if
    /// its publisher [marks](crate::EventBridgeAdapterBuilder::mark_replays_in_detail) it.
    pub fn is_replay(&self) -> bool {
        self.replay
    }

    /// Returns the id that EventBridge assigned to the event.
    pub fn id(&self) -> Option<&str> {
        self.event.id.as_deref()
    }

    /// Returns the source, which is the id of the event store.
    pub fn source(&self) -> &str {
        &self.event.source
    }

    /// Returns the detail type: the event type, `__REPLAYED__` or `__AGGREGATE_EXISTS__`.
    pub fn detail_type(&self) -> &str {
        &self.event.detail_type
    }

    /// Returns the detail as JSON: the message, or a pointer that was not redeemed.
    pub fn detail(&self) -> &str {
        self.redeemed.as_deref().unwrap_or_else(|| self.event.detail.get())
    }
}

impl fmt::Debug for EventBridgeEnvelope {
    /// Omits the detail, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventBridgeEnvelope")
            .field("id", &self.event.id)
            .field("source", &self.event.source)
            .field("detail_type", &self.event.detail_type)
            .field("replay", &self.replay)
            .finish_non_exhaustive()
    }
}
