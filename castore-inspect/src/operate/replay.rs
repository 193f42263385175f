//! The command `replay`, which publishes stored events again.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use castore_core::channel::Carries;
use castore_core::error::error_chain;
use castore_core::event::{Event, EventType};
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::log::{EventLog, LogFilter, LogQuery};
use castore_core::storage::StorageError;
use castore_core::time::Timestamp;
use castore_replay::{TakesEvents, pour_event_store_events};
use castore_runtime::event_store::Store;
use serde_json::json;

use super::Operate;
use super::arguments::Arguments;
use super::report::Report;
use crate::Inspect;

/// The time between two progress lines.
const PROGRESS: Duration = Duration::from_secs(1);

/// The number of log entries that are read at a time.
const PAGE: usize = 1_000;

/// An event store whose events can be replayed on a channel, with erased types.
pub(super) struct Replay {
    event_store_id: &'static str,
    channel_id: &'static str,
    event_types: Vec<&'static str>,
    run: Arc<dyn Fn(Selection) -> BoxFuture<'static, Result<Counts, String>> + Send + Sync>,
}

/// The events to replay.
struct Selection {
    /// The names of the event types to replay. If the list is empty, events of all types are replayed.
    only: Vec<String>,
    from: Option<Timestamp>,
    rate: Option<NonZeroU32>,
    dry_run: bool,
}

type Counts = BTreeMap<String, u64>;

impl<W: Inspect> Operate<W> {
    /// Adds an event store and a channel for the command `replay`, which publishes the stored events again on the
    /// channel. The compiler checks that the channel carries the event store. On a bus, only listeners that ask for
    /// replays receive the messages.
    ///
    /// ```no_run
    /// # use castore::prelude::*;
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
    /// # wiring! { pub struct Game; stores: [Pokemon, Trainer], channels: [AppBus], elsewhere: [AppBus], }
    /// # fn main() {
    /// let storage = InMemoryEventStorageAdapter::new();
    /// let pokemons = EventStore::<Pokemon>::new(storage.clone());
    /// let bus = AppBus::new(); // with the adapter of a broker
    /// castore::inspect::Operate::<Game>::new(env!("CARGO_PKG_VERSION"))
    ///     .relays(storage)
    ///     .replays(&pokemons, &bus);
    /// # }
    /// ```
    pub fn replays<S: EventSourced, T: Store<S>, C: Carries<S> + TakesEvents>(
        mut self,
        event_store: &T,
        channel: &C,
    ) -> Self {
        let (event_store, channel) = (event_store.event_store().clone(), channel.clone());
        let run = move |selection: Selection| -> BoxFuture<'static, Result<Counts, String>> {
            let mut pour = pour_event_store_events(&event_store, &channel).dry_run(selection.dry_run);
            for event_type in <S::Event as Event>::EventType::ALL {
                if selection.only.iter().any(|only| only == event_type.as_str()) {
                    pour = pour.event_type(*event_type);
                }
            }
            if let Some(from) = selection.from {
                pour = pour.from(from);
            }
            if let Some(rate) = selection.rate {
                pour = pour.rate_limit(rate);
            }
            let mut due = Instant::now() + PROGRESS;
            pour = pour.on_progress(move |progress| {
                if Instant::now() >= due {
                    due = Instant::now() + PROGRESS;
                    eprintln!("{}", progress_line(progress.poured_count, progress.resume_point.timestamp()));
                }
            });
            Box::pin(async move {
                pour.await.map(|poured| poured.poured_event_types).map_err(|error| {
                    let (poured, text) = (error.poured().poured_event_count, error_chain(&error));
                    match &error.poured().resume_point {
                        _ if selection.dry_run => {
                            format!("{text}\n{poured} events were counted, and no message was published")
                        }
                        Some(last) => format!(
                            "{text}\n{poured} messages were published; to continue, repeat the command with `--from {}`",
                            last.timestamp()
                        ),
                        None => format!("{text}\nno message was published"),
                    }
                })
            })
        };
        self.replays.push(Replay {
            event_store_id: S::EVENT_STORE_ID,
            channel_id: C::ID,
            event_types: <S::Event as Event>::EventType::ALL.iter().map(|event_type| event_type.as_str()).collect(),
            run: Arc::new(run),
        });
        self
    }

    /// Executes `replay`. Returns `None` if the command is unknown.
    ///
    /// # Errors
    /// A text for the user that describes the failure.
    pub(super) async fn execute_replay(&self, command: &[&str], json: bool) -> Result<Option<Report>, String> {
        let arguments = Arguments::parse(command, &["--store", "--only", "--from", "--rate"], &["--dry-run"])?;
        let [channel] = arguments.operands.as_slice() else { return Ok(None) };
        let Some(store) = arguments.option("--store") else {
            return Err("`replay` needs `--store`".to_owned());
        };
        let replay = find(&self.replays, store, channel)?;
        let only = only(replay, arguments.option("--only"))?;
        let rate = arguments.option("--rate").map(rate).transpose()?;
        let dry_run = arguments.has("--dry-run");
        let from = match arguments.option("--from") {
            None => None,
            Some(from) => match self.timestamp_of(store, from).await? {
                None => return Ok(Some(report(replay, dry_run, &Counts::new(), json))),
                some => some,
            },
        };
        let counts = (replay.run)(Selection { only, from, rate, dry_run }).await?;
        Ok(Some(report(replay, dry_run, &counts, json)))
    }

    /// Parses a position or a timestamp, and returns the timestamp from which the replay starts. A number is a
    /// position. For a position, returns the earliest timestamp of all events of the store at and after this position,
    /// or `None` if there are none. Therefore the replay omits no event at or after the position, even if the clocks of
    /// several processes differed.
    async fn timestamp_of(&self, store: &str, text: &str) -> Result<Option<Timestamp>, String> {
        let Ok(position) = text.parse::<u64>() else {
            let timestamp = text.parse().map_err(|_| format!("`{text}` is neither a position nor a timestamp"))?;
            return Ok(Some(timestamp));
        };
        let (_, log) = self.relays.as_ref().ok_or("a position needs the event log: call `relays(storage)`")?;
        earliest(&**log, store, position).await.map_err(|error| error_chain(&error))
    }
}

async fn earliest(log: &dyn EventLog, store: &str, position: u64) -> Result<Option<Timestamp>, StorageError> {
    let query = LogQuery::new(LogFilter::none().event_store_id(store), PAGE);
    let (mut after, mut earliest) = (position.saturating_sub(1), None::<Timestamp>);
    loop {
        let page = log.read_after(after, &query).await?;
        let timestamps = page.events.iter().map(|entry| entry.event.timestamp);
        earliest = timestamps.chain(earliest).min();
        after = page.scanned_to;
        if !page.more {
            return Ok(earliest);
        }
    }
}

/// Finds the pair of a store and a channel. If the pair does not exist, the error lists the existing pairs.
fn find<'a>(replays: &'a [Replay], store: &str, channel: &str) -> Result<&'a Replay, String> {
    let found = replays.iter().find(|replay| replay.event_store_id == store && replay.channel_id == channel);
    found.ok_or_else(|| {
        let known: Vec<String> =
            replays.iter().map(|replay| format!("--store {} {}", replay.event_store_id, replay.channel_id)).collect();
        match known.as_slice() {
            [] => "the binary `operate` cannot replay events: call `replays(event_store, channel)`".to_owned(),
            known => {
                format!("the binary `operate` cannot replay {store} on {channel}; it can replay: {}", known.join(", "))
            }
        }
    })
}

/// Returns the names of the event types in a comma-separated list. Rejects unknown names.
fn only(replay: &Replay, names: Option<&str>) -> Result<Vec<String>, String> {
    let names: Vec<String> = names.into_iter().flat_map(|names| names.split(',')).map(str::to_owned).collect();
    match names.iter().find(|name| !replay.event_types.contains(&name.as_str())) {
        None => Ok(names),
        Some(unknown) => Err(format!(
            "{} has no event type {unknown}; its event types are {}",
            replay.event_store_id,
            replay.event_types.join(", ")
        )),
    }
}

/// Parses a rate such as `100/s` or `100`.
fn rate(text: &str) -> Result<NonZeroU32, String> {
    text.strip_suffix("/s").unwrap_or(text).parse().map_err(|_| format!("`{text}` is not a rate such as `100/s`"))
}

fn progress_line(messages: u64, timestamp: Timestamp) -> String {
    format!("{messages} messages, at {timestamp}")
}

fn report(replay: &Replay, dry_run: bool, counts: &Counts, json: bool) -> Report {
    let total: u64 = counts.values().sum();
    if json {
        return Report::good(format!(
            "{:#}",
            json!({
                "eventStore": replay.event_store_id,
                "channel": replay.channel_id,
                "dryRun": dry_run,
                "events": total,
                "eventTypes": counts,
            })
        ));
    }
    let would = if dry_run { "would be" } else { "were" };
    let head = format!("{total} events of {} {would} replayed on {}", replay.event_store_id, replay.channel_id);
    let lines = counts.iter().map(|(event_type, count)| format!("{event_type}: {count}"));
    Report::good([head].into_iter().chain(lines).collect::<Vec<_>>().join("\n"))
}
