//! The commands `relays …`, which show and repair the relays of a program from any process that can access their
//! storage.

use castore_core::error::error_chain;
use castore_core::log::EventLog;
use castore_core::relay::RelayStorageAdapter;
use castore_core::storage::StorageError;
use castore_core::wiring::Wiring;
use serde_json::{Value, json};

use super::report::{Report, known_names, text_of};
use crate::relay_names::{RelayName, relay_names};

/// Executes a command about relays. Returns `None` if the command is unknown.
///
/// # Errors
/// A text for the user that describes the failure.
pub(super) async fn execute<W: Wiring>(
    state: &dyn RelayStorageAdapter,
    log: &dyn EventLog,
    command: &[&str],
    json: bool,
) -> Result<Option<Report>, String> {
    Ok(Some(match command {
        ["list"] => list::<W>(state, log, json).await?,
        ["parked", relay] => parked::<W>(state, relay, json).await?,
        ["retry", relay, store, aggregate] => {
            known::<W>(state, relay).await?;
            let retried = state.retry_parked(relay, store, aggregate).await.map_err(text)?;
            match retried {
                true => Report::good(format!("a retry of {store} {aggregate} is requested from relay {relay}")),
                false => return Err(format!("relay {relay} has not parked {store} {aggregate}")),
            }
        }
        ["drop", relay, store, aggregate, position] => {
            let position = position.parse().map_err(|_| format!("`{position}` is not a position of the log"))?;
            known::<W>(state, relay).await?;
            let dropped = state.drop_parked(relay, store, aggregate, position).await.map_err(text)?;
            match dropped {
                true => Report::good(format!("relay {relay} will skip the message of {store} {aggregate}")),
                false => {
                    return Err(format!(
                        "relay {relay} has no parked message of {store} {aggregate} at position {position}; \
                         `relays parked {relay}` lists the positions"
                    ));
                }
            }
        }
        _ => return Ok(None),
    }))
}

async fn list<W: Wiring>(state: &dyn RelayStorageAdapter, log: &dyn EventLog, json: bool) -> Result<Report, String> {
    let (log_id, end) = (log.log_id().await.map_err(text)?, log.end().await.map_err(text)?);
    let mut rows = Vec::new();
    for RelayName { name, .. } in names::<W>(state).await? {
        let checkpoint = state.checkpoint(&name).await.map_err(text)?;
        let parked = state.parked(&name).await.map_err(text)?.len();
        let position = checkpoint.as_ref().map(|checkpoint| checkpoint.position);
        let declared = W::RELAYS.iter().find(|relay| relay.name() == name);
        // The position of a relay that reads another log, for example that of another tenant, cannot be compared.
        let of_log = checkpoint.as_ref().filter(|checkpoint| checkpoint.log_id == log_id);
        rows.push(json!({
            "relay": name,
            "channel": declared.map(|relay| relay.channel_id()),
            "position": position,
            "lag": of_log.map(|checkpoint| end.last_position.saturating_sub(checkpoint.position)),
            "owner": checkpoint.and_then(|checkpoint| checkpoint.owner),
            "parked": parked,
        }));
    }
    Ok(Report::rows(&rows, json, |row| match &row["position"] {
        Value::Null => format!("{}: has never run", text_of(row, "relay")),
        position => format!(
            "{}: position {position}, lag {}, {} parked, owner {}",
            text_of(row, "relay"),
            text_of(row, "lag"),
            row["parked"],
            text_of(row, "owner"),
        ),
    }))
}

async fn parked<W: Wiring>(state: &dyn RelayStorageAdapter, relay: &str, json: bool) -> Result<Report, String> {
    known::<W>(state, relay).await?;
    let parked = state.parked(relay).await.map_err(text)?;
    let rows: Vec<Value> = parked
        .iter()
        .map(|parked| {
            json!({
                "eventStore": parked.event_store_id,
                "aggregateId": parked.aggregate_id,
                "position": parked.next_position,
                "version": parked.version,
                "attempts": parked.attempts,
                "nextAttemptInSeconds": parked.next_attempt_in.as_secs(),
                "dropped": parked.dropped,
                "error": parked.error,
            })
        })
        .collect();
    Ok(Report::rows(&rows, json, |row| {
        format!(
            "{} {}: version {} at position {}, {} attempts: {}",
            text_of(row, "eventStore"),
            text_of(row, "aggregateId"),
            row["version"],
            row["position"],
            row["attempts"],
            text_of(row, "error"),
        )
    }))
}

/// Returns the declared relays, and the other relays of the storage.
async fn names<W: Wiring>(state: &dyn RelayStorageAdapter) -> Result<Vec<RelayName>, String> {
    relay_names(W::RELAYS.iter().map(|relay| relay.name()), state).await.map_err(text)
}

/// Checks that there is a relay of this name. Without this check, a misspelled name would look like a relay without
/// parked aggregates.
async fn known<W: Wiring>(state: &dyn RelayStorageAdapter, name: &str) -> Result<(), String> {
    let names = names::<W>(state).await?;
    if names.iter().any(|relay| relay.name == name) {
        return Ok(());
    }
    let known: Vec<&str> = names.iter().map(|relay| &*relay.name).collect();
    Err(format!("{} has no relay {name}{}", W::NAME, known_names("its relays", &known)))
}

fn text(error: StorageError) -> String {
    error_chain(&error)
}
