//! The commands `relays …`, which show and repair the relays of a program from any process that can access their
//! storage.

use castore_core::error::error_chain;
use castore_core::log::EventLog;
use castore_core::relay::RelayStorageAdapter;
use castore_core::storage::StorageError;
use castore_core::wiring::Wiring;
use serde_json::{Value, json};

use super::report::{Report, known_names, text_of};

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
            let retried = state.retry_parked(known::<W>(relay)?, store, aggregate).await.map_err(text)?;
            match retried {
                true => Report::good(format!("a retry of {store} {aggregate} is requested from relay {relay}")),
                false => return Err(format!("relay {relay} has not parked {store} {aggregate}")),
            }
        }
        ["drop", relay, store, aggregate, position] => {
            let position = position.parse().map_err(|_| format!("`{position}` is not a position of the log"))?;
            let dropped = state.drop_parked(known::<W>(relay)?, store, aggregate, position).await.map_err(text)?;
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
    let end = log.end().await.map_err(text)?;
    let mut rows = Vec::new();
    for relay in W::RELAYS {
        let checkpoint = state.checkpoint(relay.name()).await.map_err(text)?;
        let parked = state.parked(relay.name()).await.map_err(text)?.len();
        let position = checkpoint.as_ref().map(|checkpoint| checkpoint.position);
        rows.push(json!({
            "relay": relay.name(),
            "channel": relay.channel_id(),
            "position": position,
            "lag": position.map(|position| end.last_position.saturating_sub(position)),
            "owner": checkpoint.and_then(|checkpoint| checkpoint.owner),
            "parked": parked,
        }));
    }
    Ok(Report::rows(&rows, json, |row| match &row["position"] {
        Value::Null => format!("{}: has never run", text_of(row, "relay")),
        position => format!(
            "{}: position {position}, lag {}, {} parked, owner {}",
            text_of(row, "relay"),
            row["lag"],
            row["parked"],
            text_of(row, "owner"),
        ),
    }))
}

async fn parked<W: Wiring>(state: &dyn RelayStorageAdapter, relay: &str, json: bool) -> Result<Report, String> {
    let parked = state.parked(known::<W>(relay)?).await.map_err(text)?;
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

/// Returns the name, if the program has a relay of this name. Without this check, a misspelled name would look like a
/// relay without parked aggregates.
fn known<W: Wiring>(name: &str) -> Result<&str, String> {
    if W::RELAYS.iter().any(|relay| relay.name() == name) {
        return Ok(name);
    }
    let known: Vec<&str> = W::RELAYS.iter().map(|relay| relay.name()).collect();
    Err(format!("{} has no relay {name}{}", W::NAME, known_names("its relays", &known)))
}

fn text(error: StorageError) -> String {
    error_chain(&error)
}
