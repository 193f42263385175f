use std::fmt;

use serde_json::{Value, json};

/// A place that may still hold the old data of a forgotten aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemainingData {
    /// A read model that is built from events of the event store.
    ReadModel {
        /// The name of the read model.
        name: String,
        /// The version. The registry of the database may have further versions than the program.
        version: u32,
        /// Whether the projection has parked the aggregate, with an error text that may quote the event.
        is_parked: bool,
    },
    /// A relay that has parked the aggregate. The error text of the parked aggregate may quote the event.
    Relay {
        /// The name of the relay.
        name: String,
    },
    /// A stored dead letter about the aggregate.
    DeadLetter {
        /// The name of the consumer.
        consumer: String,
        /// The id of the dead letter.
        id: String,
    },
    /// A message channel that carries the event store. The broker may retain messages, and consumers may have stored
    /// what they received.
    Channel {
        /// The id of the message channel.
        id: String,
        /// The kind of the messages.
        kind: String,
        /// The names of the consumers that the program declares.
        consumers: Vec<String>,
    },
    /// A place that could not be searched.
    NotSearched {
        /// The place.
        place: String,
        /// The reason.
        reason: String,
    },
    /// The memory of running processes: cached aggregates and snapshots, until the next load of the aggregate or until
    /// the process ends.
    Processes,
    /// Backups and replicas of the database, its log files, and pages whose rows are deleted but not overwritten.
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
