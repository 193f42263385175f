//! All instruments of castore, and the names of their attributes.
//!
//! The instruments and attributes whose names begin with `messaging.` are defined by the semantic conventions of
//! OpenTelemetry.

use super::Instrument;
use super::InstrumentKind::{Counter, Gauge, Histogram};

/// The id of an event store.
pub const EVENT_STORE_ID: &str = "castore.event_store.id";
/// The id of a command.
pub const COMMAND_ID: &str = "castore.command.id";
/// The name of a relay.
pub const RELAY_NAME: &str = "castore.relay.name";
/// The name of a read model.
pub const PROJECTION_NAME: &str = "castore.projection.name";
/// The version of a read model.
pub const PROJECTION_VERSION: &str = "castore.projection.version";
/// The name of the broker, such as `nats` or `aws_sqs`.
pub const MESSAGING_SYSTEM: &str = "messaging.system";
/// The id of a message channel.
pub const DESTINATION_NAME: &str = "messaging.destination.name";
/// The name of a listener or worker.
pub const CONSUMER_GROUP_NAME: &str = "messaging.consumer.group.name";
/// The kind of a failure, from a short and fixed list of values. The attribute is missing after a success.
pub const ERROR_TYPE: &str = "error.type";

/// Declares the instruments, and the list of all of them.
macro_rules! instruments {
    ($($(#[doc = $description:literal])+ $constant:ident: $kind:ident $name:literal, $unit:literal, $attributes:expr;)+) => {
        $(
            $(#[doc = $description])+
            pub static $constant: Instrument =
                Instrument::new($name, $kind, $unit, &$attributes, concat!($($description),+).trim_ascii());
        )+

        /// All instruments.
        pub static ALL: &[&Instrument] = &[$(&$constant),+];
    };
}

const STORE: [&str; 1] = [EVENT_STORE_ID];
const STORE_CALL: [&str; 2] = [EVENT_STORE_ID, ERROR_TYPE];
const COMMAND: [&str; 1] = [COMMAND_ID];
const SEND: [&str; 3] = [MESSAGING_SYSTEM, DESTINATION_NAME, ERROR_TYPE];
const HANDLER: [&str; 3] = [DESTINATION_NAME, CONSUMER_GROUP_NAME, ERROR_TYPE];
const CHANNEL: [&str; 1] = [DESTINATION_NAME];
const RELAY: [&str; 1] = [RELAY_NAME];
const PROJECTION: [&str; 2] = [PROJECTION_NAME, PROJECTION_VERSION];
const READER: [&str; 3] = [RELAY_NAME, PROJECTION_NAME, PROJECTION_VERSION];

instruments! {
    /// Events that were stored.
    PUSHED_EVENTS: Counter "castore.event_store.pushed.events", "{event}", STORE;
    /// Pushes that were rejected because their version was already stored.
    CONFLICTS: Counter "castore.event_store.conflicts", "{conflict}", STORE;
    /// Duration of storing an event or a group.
    PUSH_DURATION: Histogram "castore.event_store.push.duration", "s", STORE_CALL;
    /// Duration of reading the events of an aggregate, including the reducer.
    READ_DURATION: Histogram "castore.event_store.read.duration", "s", STORE_CALL;

    /// Searches for a snapshot that found a valid one.
    SNAPSHOT_HITS: Counter "castore.snapshot.hits", "{search}", STORE;
    /// Searches for a snapshot that found no valid one.
    SNAPSHOT_MISSES: Counter "castore.snapshot.misses", "{search}", STORE;

    /// Attempts of commands, including first attempts.
    COMMAND_ATTEMPTS: Counter "castore.command.attempts", "{attempt}", COMMAND;
    /// Calls of commands that failed with a version conflict, because no retries were left.
    EXHAUSTED_COMMANDS: Counter "castore.command.exhausted", "{call}", COMMAND;

    /// Messages that were passed to the broker, including failed ones, which have `error.type`.
    SENT_MESSAGES: Counter "messaging.client.sent.messages", "{message}", SEND;
    /// Duration of a call that passes messages to the broker.
    SEND_DURATION: Histogram "messaging.client.operation.duration", "s", SEND;
    /// Duration of an attempt to handle a message.
    PROCESS_DURATION: Histogram "messaging.process.duration", "s", HANDLER;

    /// Messages that were handled or skipped.
    HANDLED_MESSAGES: Counter "castore.consumer.handled", "{message}", CHANNEL;
    /// Attempts to handle a message that failed.
    FAILED_ATTEMPTS: Counter "castore.consumer.failed_attempts", "{attempt}", CHANNEL;
    /// Failed attempts after which the message was retried.
    RETRIES: Counter "castore.consumer.retries", "{attempt}", CHANNEL;
    /// Messages that became dead letters.
    DEAD_LETTERS: Counter "castore.consumer.dead_letters", "{message}", CHANNEL;
    /// Messages that could not be decoded, and were acknowledged because no filter selects them.
    IGNORED_MESSAGES: Counter "castore.consumer.ignored", "{message}", CHANNEL;
    /// Handlers that are running.
    RUNNING_HANDLERS: Gauge "castore.consumer.running_handlers", "{handler}", CHANNEL;
    /// Consumers that receive messages. Less than the number of consumers if a broker is unavailable.
    RECEIVING_CONSUMERS: Gauge "castore.consumer.receiving", "{consumer}", CHANNEL;

    /// Time for which the log has waited for an open transaction, measured by a relay or a projection. 0 if the log
    /// waits for no transaction.
    LOG_BLOCKED_TIME: Gauge "castore.log.blocked.time", "s", READER;

    /// Events that this process published.
    RELAY_PUBLISHED: Counter "castore.relay.published", "{event}", RELAY;
    /// Positions between the relay and the end of the log. 0 on standby.
    RELAY_LAG: Gauge "castore.relay.lag", "{position}", RELAY;
    /// Age of the oldest event of the batch that the relay is publishing. 0 if the relay has caught up or is on
    /// standby.
    RELAY_LAG_TIME: Gauge "castore.relay.lag.time", "s", RELAY;
    /// Parked aggregates. 0 on standby.
    RELAY_PARKED: Gauge "castore.relay.parked", "{aggregate}", RELAY;
    /// Whether this process holds the lease. The sum over all processes must be 1 for each relay.
    RELAY_LEADER: Gauge "castore.relay.leader", "1", RELAY;
    /// Whether the broker or the storage fails, so that the relay publishes nothing until it retries.
    RELAY_OUTAGE: Gauge "castore.relay.outage", "1", RELAY;

    /// Events that this process applied to the read model.
    PROJECTION_APPLIED: Counter "castore.projection.applied", "{event}", PROJECTION;
    /// Positions between the read model and the end of the log.
    PROJECTION_LAG: Gauge "castore.projection.lag", "{position}", PROJECTION;
    /// Age of the oldest event of the batch that the projection is applying. 0 if the projection has caught up.
    PROJECTION_LAG_TIME: Gauge "castore.projection.lag.time", "s", PROJECTION;
    /// Parked aggregates.
    PROJECTION_PARKED: Gauge "castore.projection.parked", "{aggregate}", PROJECTION;
    /// Whether readers use this version of the read model.
    PROJECTION_LIVE: Gauge "castore.projection.live", "1", PROJECTION;
    /// Whether the projection fails and retries.
    PROJECTION_RETRYING: Gauge "castore.projection.retrying", "1", PROJECTION;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::InstrumentKind;
    use super::*;

    #[test]
    fn names_are_unique_also_in_prometheus() {
        let names: BTreeSet<_> = ALL.iter().map(|instrument| instrument.name()).collect();
        let prometheus: BTreeSet<_> = ALL.iter().map(|instrument| instrument.prometheus_name()).collect();
        assert_eq!((names.len(), prometheus.len()), (ALL.len(), ALL.len()));
    }

    #[test]
    fn prometheus_names_have_suffixes_for_units_and_counters() {
        assert_eq!(PUSHED_EVENTS.prometheus_name(), "castore_event_store_pushed_events_total");
        assert_eq!(RELAY_LAG_TIME.prometheus_name(), "castore_relay_lag_time_seconds");
        assert_eq!(RELAY_LAG.prometheus_name(), "castore_relay_lag");
    }

    #[test]
    fn histograms_are_durations() {
        for instrument in ALL {
            let is_duration = instrument.kind() == InstrumentKind::Histogram;
            assert_eq!(is_duration, instrument.name().ends_with(".duration"), "{}", instrument.name());
            assert!(!is_duration || instrument.unit() == "s", "{}", instrument.name());
        }
    }

    #[test]
    fn no_attribute_names_an_aggregate() {
        for instrument in ALL {
            assert!(instrument.attributes().iter().all(|name| !name.contains("aggregate")), "{}", instrument.name());
        }
    }
}
