use castore_core::channel::ClaimedMessage;
use castore_core::context::EventContext;
use castore_core::message::{AnyMessage, StoredMessage};

/// The identity of a message. Adapters derive the routing, the order and the deduplication of a message from its
/// identity.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageIdentity {
    /// The id of the event store.
    pub event_store_id: String,
    /// The id of the aggregate, as text.
    pub aggregate_id: String,
    /// The version of the event, or `None` if the message has no event.
    pub version: Option<u64>,
    /// The type of the event, or `None` if the message has no event.
    pub event_type: Option<String>,
    /// The context of the event. The context is empty if the message contains no event.
    pub context: EventContext,
}

impl MessageIdentity {
    /// Creates the identity of a message without an event.
    pub fn new(event_store_id: impl Into<String>, aggregate_id: impl Into<String>) -> Self {
        Self {
            event_store_id: event_store_id.into(),
            aggregate_id: aggregate_id.into(),
            version: None,
            event_type: None,
            context: EventContext::new(),
        }
    }

    /// Adds the version and the type of the event to the identity.
    #[must_use]
    pub fn with_event(self, version: u64, event_type: impl Into<String>) -> Self {
        Self { version: Some(version), event_type: Some(event_type.into()), ..self }
    }

    /// Returns the identity of a message.
    pub fn of_message(message: &dyn AnyMessage) -> Self {
        Self {
            event_store_id: message.event_store_id().to_owned(),
            aggregate_id: message.aggregate_id(),
            version: message.version(),
            event_type: message.event_type().map(str::to_owned),
            context: message.event_context(),
        }
    }

    /// Returns the identity of a message about a stored event.
    pub fn of_stored<M>(message: &StoredMessage<M>) -> Self {
        let event = &message.event;
        let identity = Self::new(&*message.event_store_id, &event.aggregate_id);
        Self { context: event.context(), ..identity.with_event(event.version, &*event.event_type) }
    }

    /// Returns the ids of the event store and the aggregate. Ordered services keep messages with the same ids in order.
    pub fn aggregate(&self) -> (String, String) {
        (self.event_store_id.clone(), self.aggregate_id.clone())
    }

    /// Converts the identity into the argument of a claim check, which stores large messages outside the broker.
    pub fn claimed(&self) -> ClaimedMessage<'_> {
        ClaimedMessage::new(&self.event_store_id, &self.aggregate_id, self.version)
    }
}
