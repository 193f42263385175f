use castore_core::channel::ClaimCheckError;

/// The error returned if an EventBridge event contains no message of the bus that this program can decode. The error
/// does not quote the content of the event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedEventError {
    /// The text is not JSON, or not an EventBridge event. A possible cause is a rule that transforms its input.
    #[error(
        "the text is not a JSON event of EventBridge (line {line}, column {column}); rules must not transform events"
    )]
    NotAnEvent {
        /// The line of the error.
        line: usize,
        /// The column of the error.
        column: usize,
    },
    /// The detail is not an object with an `eventStoreId`. Either the detail is not a message of Castore, or it is a
    /// pointer to a large message that is stored elsewhere.
    #[error(
        "the detail of an event of {source_name} is not a message; if it is a pointer, redeem it with the claim check"
    )]
    NotAMessage {
        /// The source of the event.
        source_name: String,
    },
    /// The event store of the message is not a source of the bus.
    #[error(
        "event store {event_store_id} is not a source of message bus {message_bus_id}; add the store to the bus, or exclude it in the rule"
    )]
    UnknownEventStore {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the message bus.
        message_bus_id: &'static str,
    },
    /// The event store is a source of the bus, but the fields do not match the message type of the bus. The message may
    /// have been published by another version of the program.
    #[error(
        "a message of event store {event_store_id} cannot be decoded (line {line}, column {column} of the detail); it may come from another version of the program"
    )]
    Fields {
        /// The id of the event store.
        event_store_id: String,
        /// The line of the error.
        line: usize,
        /// The column of the error.
        column: usize,
    },
}

/// The error returned if a message could not be read from an EventBridge event.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// The message is malformed. Every further attempt of this version of the program would fail, too.
    #[error(transparent)]
    Malformed(#[from] MalformedEventError),
    /// The message is stored elsewhere and could not be fetched. The error shows whether the failure is
    /// [permanent](ClaimCheckError::permanent).
    #[error(transparent)]
    Claim(#[from] ClaimCheckError),
}

impl ReceiveError {
    /// Returns whether every further attempt of this version of the program would fail, too.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Malformed(_) => true,
            Self::Claim(error) => error.permanent,
        }
    }
}
