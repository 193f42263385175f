use castore_core::channel::ClaimCheckError;

/// The error of an EventBridge event that is not a message of the bus. It does not contain the content of the event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedEventError {
    /// The text is not JSON, or not an EventBridge event. A possible cause is a rule that transforms its input.
    #[error("the text is not an EventBridge event in JSON (line {line}, column {column})")]
    NotAnEvent {
        /// The line of the error.
        line: usize,
        /// The column of the error.
        column: usize,
    },
    /// The detail is not an object with an `eventStoreId`: it is not a message of Castore, or it is a pointer to a
    /// large message that is stored elsewhere.
    #[error(
        "the detail of an event of {source_name} is not a message; if it is a pointer, redeem it with the claim check"
    )]
    NotAMessage {
        /// The source of the event.
        source_name: String,
    },
    /// The event store of the message is not a source of the bus.
    #[error("event store {event_store_id} is not a source of message bus {message_bus_id}")]
    UnknownEventStore {
        /// The event store.
        event_store_id: String,
        /// The bus.
        message_bus_id: &'static str,
    },
    /// The event store is a source of the bus, but the fields are not those of the bus's messages. The message may
    /// have been published by another version of the program.
    #[error("a message of event store {event_store_id} cannot be read (line {line}, column {column} of the detail)")]
    Fields {
        /// The event store.
        event_store_id: String,
        /// The line of the error.
        line: usize,
        /// The column of the error.
        column: usize,
    },
}

/// The error of reading a message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// The message is malformed: every attempt would fail.
    #[error(transparent)]
    Malformed(#[from] MalformedEventError),
    /// The message is stored elsewhere and could not be fetched. The error shows whether that is
    /// [permanent](ClaimCheckError::permanent).
    #[error(transparent)]
    Claim(#[from] ClaimCheckError),
}

impl ReceiveError {
    /// Returns whether every further attempt would fail, too.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Malformed(_) => true,
            Self::Claim(error) => error.permanent,
        }
    }
}
