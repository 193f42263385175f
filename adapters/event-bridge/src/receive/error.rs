use castore_core::channel::ClaimCheckError;

/// An event of EventBridge is not a message of the bus. What is in it is not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedEventError {
    /// It is not JSON, or not an event of EventBridge: of a rule that transforms its input perhaps.
    #[error("this is no event of EventBridge in JSON (line {line}, column {column})")]
    NotAnEvent {
        /// Where reading it failed.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// Its detail is no object with an `eventStoreId`: not a message of Castore, or a pointer to a large one that is kept
    /// elsewhere.
    #[error(
        "the detail of an event of {source_name} is no message; if it is a pointer, redeem it with the claim check"
    )]
    NotAMessage {
        /// The source of the event.
        source_name: String,
    },
    /// It is of an event store that the bus does not carry.
    #[error("event store {event_store_id} is no source of message bus {message_bus_id}")]
    UnknownEventStore {
        /// The event store.
        event_store_id: String,
        /// The bus.
        message_bus_id: &'static str,
    },
    /// It is of one of the bus's event stores, but its fields are not those of the bus's messages: an event of another
    /// program's version perhaps.
    #[error("a message of event store {event_store_id} cannot be read (line {line}, column {column} of the detail)")]
    Fields {
        /// The event store.
        event_store_id: String,
        /// Where reading it failed.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// It is a message of the bus, but not one of those that were asked for.
    #[error("a message of event store {event_store_id}{} is not one of those that were asked for", .event_type.map_or_else(String::new, |event_type| format!(" about {event_type}")))]
    NotAskedFor {
        /// Its event store.
        event_store_id: &'static str,
        /// The type of its event.
        event_type: Option<&'static str>,
    },
}

/// A message could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// It is malformed: every attempt would fail.
    #[error(transparent)]
    Malformed(#[from] MalformedEventError),
    /// It is stored elsewhere and could not be fetched. The error says whether that is
    /// [permanent](ClaimCheckError::permanent).
    #[error(transparent)]
    Claim(#[from] ClaimCheckError),
}

impl ReceiveError {
    /// Whether every further attempt would fail, too.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Malformed(_) => true,
            Self::Claim(error) => error.permanent,
        }
    }
}
