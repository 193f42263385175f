use std::fmt;

use serde_json::{Value, json};

/// A place that may still contain the old data of a forgotten aggregate. `Display` also prints the command that removes
/// the data, if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemainingData {
    /// A read model that is built from events of the event store.
    ReadModel {
        /// The name of the read model.
        name: String,
        /// The version of the read model. The database may contain versions that the program does not declare.
        version: u32,
        /// Whether the projection has parked the aggregate: after a failed event, it applies no further events of the
        /// aggregate. The stored error text may quote the event.
        is_parked: bool,
    },
    /// A relay that has parked the aggregate, because one of its events could not be published. The stored error text
    /// may quote the event.
    Relay {
        /// The name of the relay.
        name: String,
    },
    /// A stored dead letter about the aggregate.
    DeadLetter {
        /// The name of the consumer on the command line: see [`Operate::dead_letters`](crate::Operate::dead_letters).
        consumer: String,
        /// The id of the dead letter.
        id: String,
    },
    /// A message channel that carries the event store. The broker may retain messages, and consumers may have stored
    /// data from messages.
    Channel {
        /// The id of the message channel.
        id: String,
        /// The kind of the messages: for example, whether they contain events or also states.
        kind: String,
        /// The names of the consumers that the program declares.
        consumers: Vec<String>,
    },
    /// A place that could not be searched.
    NotSearched {
        /// The description of the place.
        place: String,
        /// The reason.
        reason: String,
    },
    /// The memory of running processes. Cached aggregates and snapshots stay there until the aggregate is loaded again,
    /// or until the process ends.
    Processes,
    /// Backups and replicas of the database, its log files, and its free pages, which contain deleted rows until they
    /// are overwritten.
    Backups,
}

impl RemainingData {
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::ReadModel { name, version, is_parked } => {
                json!({ "place": "readModel", "name": name, "version": version, "parked": is_parked })
            }
            Self::Relay { name } => json!({ "place": "relay", "name": name }),
            Self::DeadLetter { consumer, id } => json!({ "place": "deadLetter", "consumer": consumer, "id": id }),
            Self::Channel { id, kind, consumers } => {
                json!({ "place": "channel", "id": id, "kind": kind, "consumers": consumers })
            }
            Self::NotSearched { place, reason } => json!({ "place": "notSearched", "what": place, "reason": reason }),
            Self::Processes => json!({ "place": "processes" }),
            Self::Backups => json!({ "place": "backups" }),
        }
    }
}

impl fmt::Display for RemainingData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadModel { name, version, is_parked } => {
                write!(
                    formatter,
                    "read model {name} version {version}: run `projections rebuild {name} --version {version}`"
                )?;
                if *is_parked { formatter.write_str(" (the aggregate is parked there)") } else { Ok(()) }
            }
            Self::Relay { name } => {
                write!(formatter, "relay {name}: the aggregate is parked, with an error text that may quote an event")
            }
            Self::DeadLetter { consumer, id } => {
                write!(formatter, "dead letter {id} of {consumer}: run `dead-letters drop {consumer} {id}`")
            }
            Self::Channel { id, kind, consumers } => {
                write!(formatter, "channel {id}: {kind} messages that the broker retains")?;
                match consumers.as_slice() {
                    [] => Ok(()),
                    consumers => write!(formatter, ", and data that was stored by {}", consumers.join(", ")),
                }
            }
            Self::NotSearched { place, reason } => write!(formatter, "{place} (not searched: {reason})"),
            Self::Processes => formatter.write_str("the memory of running processes"),
            Self::Backups => formatter.write_str(
                "backups and replicas of the database, its log files, and its free pages until they are reused",
            ),
        }
    }
}
