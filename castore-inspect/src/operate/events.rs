//! The commands `events show` and `events verify`, which print and check stored events.

use castore_core::error::error_chain;
use castore_core::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, RawEvent};
use castore_core::wiring::{StoreEntry, Wiring};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::report::{Report, text_of};

/// Reports the stored events of an aggregate. If the program cannot read them, the report also contains the error, and
/// its `is_good` is false.
///
/// # Errors
/// A text for the user that describes the failure.
pub(super) async fn show<W: Wiring>(
    storage: &dyn EventStorageAdapter,
    store: &str,
    aggregate_id: &str,
    at: Option<u64>,
    json: bool,
) -> Result<Report, String> {
    let store = entry::<W>(store)?;
    let options = at.map_or_else(GetEventsOptions::new, |at| GetEventsOptions::new().max_version(at));
    let events = storage.get_events(store.id(), aggregate_id, options).await.map_err(|error| error_chain(&error))?;
    if events.is_empty() {
        return Err(format!("event store {} has no events of aggregate {aggregate_id}", store.id()));
    }
    let rows: Vec<Value> = events.iter().map(to_json).collect();
    let report = Report::rows(&rows, json, |row| {
        let line = format!("{}  {}  {}", text_of(row, "version"), text_of(row, "timestamp"), text_of(row, "type"));
        [("payload", &row["payload"]), ("metadata", &row["metadata"])]
            .iter()
            .filter(|(_, value)| !value.is_null())
            .fold(line, |line, (key, value)| format!("{line}\n   {key} {value}"))
    });
    // The events start at the first event of the aggregate, even with `--at`, so they can be reduced.
    match store.check_events(&events) {
        Ok(()) => Ok(report),
        Err(error) => Ok(Report { text: format!("{}\n{}", report.text, error_chain(&error)), is_good: false }),
    }
}

/// Decodes and reduces all events of all event stores, or of one event store. Reports the aggregates that cannot be
/// read.
///
/// # Errors
/// A text for the user that describes the failure.
pub(super) async fn verify<W: Wiring>(
    storage: &dyn EventStorageAdapter,
    only: Option<&str>,
    json: bool,
) -> Result<Report, String> {
    let stores: Vec<&StoreEntry> = match only {
        Some(store) => vec![entry::<W>(store)?],
        None => W::STORES.iter().collect(),
    };
    let (mut summaries, mut problems) = (Vec::new(), Vec::new());
    for store in stores {
        let (mut aggregates, mut events, mut token) = (0_u64, 0_u64, None::<String>);
        loop {
            let options = match token.take() {
                Some(token) => ListAggregateIdsOptions::default().page_token(token),
                None => ListAggregateIdsOptions::default(),
            };
            let page = storage.list_aggregate_ids(store.id(), options).await.map_err(|error| error_chain(&error))?;
            for aggregate in page.aggregates {
                let id = aggregate.aggregate_id;
                let read = storage.get_events(store.id(), &id, GetEventsOptions::new()).await;
                let read = read.map_err(|error| error_chain(&error)).and_then(|read| {
                    events += read.len() as u64;
                    store.check_events(&read).map_err(|error| error_chain(&error))
                });
                aggregates += 1;
                if let Err(error) = read {
                    problems.push(json!({ "eventStore": store.id(), "aggregateId": id, "error": error }));
                }
            }
            match page.next_page_token {
                Some(next) => token = Some(next),
                None => break,
            }
        }
        summaries.push(json!({ "eventStore": store.id(), "aggregates": aggregates, "events": events }));
    }
    let is_good = problems.is_empty();
    if json {
        let text = format!("{:#}", json!({ "eventStores": summaries, "problems": problems }));
        return Ok(Report { text, is_good });
    }
    let problem = |row: &Value| {
        format!("{} {}: {}", text_of(row, "eventStore"), text_of(row, "aggregateId"), text_of(row, "error"))
    };
    let summary = |row: &Value| {
        format!("{}: {} aggregates, {} events", text_of(row, "eventStore"), row["aggregates"], row["events"])
    };
    let lines: Vec<String> = problems.iter().map(problem).chain(summaries.iter().map(summary)).collect();
    Ok(Report { text: lines.join("\n"), is_good })
}

fn entry<W: Wiring>(id: &str) -> Result<&'static StoreEntry, String> {
    W::STORES.iter().find(|store| store.id() == id).ok_or_else(|| {
        let known: Vec<&str> = W::STORES.iter().map(StoreEntry::id).collect();
        format!("{} has no event store {id}; its event stores are {}", W::NAME, known.join(", "))
    })
}

fn to_json(event: &RawEvent) -> Value {
    let parsed = |value: &Option<Box<RawValue>>| {
        value.as_ref().map_or(Value::Null, |raw| serde_json::from_str(raw.get()).unwrap_or(Value::Null))
    };
    json!({
        "version": event.version,
        "timestamp": event.timestamp.to_string(),
        "type": event.event_type,
        "payload": parsed(&event.payload),
        "metadata": parsed(&event.metadata),
    })
}
