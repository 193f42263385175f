//! Imports events from notification messages, one per line, in the JSON that all Castore programs use.
//!
//! A thread reads and parses the next chunk of lines while the current chunk is pushed. Within a chunk, the events of
//! an aggregate are pushed one after the other, and different aggregates concurrently, so that the storage can write
//! many events with one flush.

mod chunks;
mod input;
mod lines;
mod push;
mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use castore::prelude::*;

pub use input::Input;

use crate::progress::Progress;
use crate::world::World;
use report::Report;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("cannot read {name}")]
    Open { name: String, source: std::io::Error },
    #[error("cannot read {name} after line {line}; {report}")]
    Read { name: String, line: u64, source: std::io::Error, report: Report },
    #[error("stopped at line {line}; so far {report}. Run the import again to continue: it skips the stored events")]
    Storage { line: u64, source: PushEventError, report: Report },
}

/// Imports all lines and prints a report.
pub async fn run(world: &World, input: Input) -> Result<(), ImportError> {
    let published = Arc::new(AtomicU64::new(0));
    world.listener.on(Filter::all(), {
        let published = published.clone();
        move |_message, _context| {
            published.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        }
    });
    let stores = push::Stores {
        pokemons: world.announced_pokemons.clone(),
        trainers: world.announced_trainers.clone(),
        listener: world.listener.clone(),
    };
    let report = import(&stores, input).await?;
    println!("{report}; received {} messages from the bus", published.load(Ordering::Relaxed));
    Ok(())
}

async fn import(stores: &push::Stores, input: Input) -> Result<Report, ImportError> {
    let name = input.name.clone();
    let mut progress = Progress::new(input.length);
    let mut chunks = chunks::read(input);
    let mut report = Report::default();
    let mut last_line = 0;
    loop {
        let chunk = match chunks.next().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(source) => {
                progress.clear();
                return Err(ImportError::Read { name, line: last_line, source, report });
            }
        };
        last_line = chunk.last_line;
        let outcomes = push::push(stores, chunk.lines).await;
        let failed = report.add(outcomes, |line, why| {
            progress.clear();
            eprintln!("line {line}: {why}");
        });
        if let Some((line, source)) = failed {
            progress.clear();
            return Err(ImportError::Storage { line, source, report });
        }
        progress.update(last_line, chunk.bytes);
    }
    progress.clear();
    Ok(report)
}

#[cfg(test)]
mod tests {
    use castore::storage::EventStorageAdapter;
    use castore::testing::{FaultyEventStorageAdapter, FaultyMessageChannelAdapter};

    use super::*;
    use crate::channels::AppBus;
    use crate::pokemon::Pokemon;

    fn stores(storage: impl EventStorageAdapter + Clone) -> push::Stores {
        let app_bus = AppBus::new();
        push::Stores {
            listener: InMemoryMessageBusAdapter::attach_to(&app_bus),
            pokemons: EventStore::new(storage.clone()).connect(app_bus.clone()),
            trainers: EventStore::new(storage).connect(app_bus),
        }
    }

    /// Three events of one pokémon, which are pushed one after the other.
    fn three_lines() -> Input {
        let line = |version: u64, rest: &str| {
            format!(
                r#"{{"eventStoreId":"POKEMONS","event":{{"aggregateId":"p","version":{version},"timestamp":"2024-02-29T12:34:56.789Z",{rest}}}}}"#
            ) + "\n"
        };
        let text = line(1, r#""type":"APPEARED","payload":{"name":"Pikachu","level":2}"#)
            + &line(2, r#""type":"LEVELED_UP""#)
            + &line(3, r#""type":"LEVELED_UP""#);
        Input { name: "lines".to_owned(), length: None, bytes: Box::new(std::io::Cursor::new(text)) }
    }

    #[tokio::test]
    async fn import_stops_at_a_storage_failure_and_can_be_repeated() {
        let storage = FaultyEventStorageAdapter::new(InMemoryEventStorageAdapter::new());
        storage.fail_push(2);
        let stores = stores(storage);
        let error = castore::error::error_chain(&import(&stores, three_lines()).await.unwrap_err());
        assert!(error.starts_with("stopped at line 2; so far 1 imported, 0 already there, 0 bad."), "{error}");
        assert!(error.contains(": could not push version 2 of POKEMONS aggregate p: "), "{error}");
        let report = import(&stores, three_lines()).await.unwrap();
        assert_eq!(report, Report { imported: 2, already_there: 1, ..Report::default() });
    }

    #[tokio::test]
    async fn import_continues_after_a_bad_line_and_reports_the_gap() {
        let stores = stores(InMemoryEventStorageAdapter::new());
        let Input { mut bytes, .. } = three_lines();
        let mut text = String::new();
        bytes.read_to_string(&mut text).unwrap();
        let lines = |text: String| Input { bytes: Box::new(std::io::Cursor::new(text)), ..three_lines() };
        let report = import(&stores, lines(text.replace(r#""version":2"#, r#""version":"two""#))).await.unwrap();
        assert_eq!(report, Report { imported: 2, after_gap: 1, bad: 1, ..Report::default() });
        // The repaired file closes the gap.
        let report = import(&stores, lines(text)).await.unwrap();
        assert_eq!(report, Report { imported: 1, after_gap: 1, already_there: 2, ..Report::default() });
        assert_eq!(stores.pokemons.get_events("p").await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn import_continues_after_an_unpublished_event() {
        let stores = stores(InMemoryEventStorageAdapter::new());
        let adapter = FaultyMessageChannelAdapter::new(stores.listener.clone());
        adapter.fail_publish(2);
        stores.pokemons.message_channel().set_adapter(adapter);
        let report = import(&stores, three_lines()).await.unwrap();
        assert_eq!(report, Report { imported: 2, unpublished: 1, ..Report::default() });
        assert_eq!(stores.pokemons.get_events("p").await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn read_error_names_the_line() {
        struct Broken;
        impl std::io::Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("the disk is gone"))
            }
        }
        let stores = stores(InMemoryEventStorageAdapter::new());
        let bytes = std::io::Read::chain(three_lines().bytes, Broken);
        let input = Input { bytes: Box::new(bytes), ..three_lines() };
        let error = castore::error::error_chain(&import(&stores, input).await.unwrap_err());
        let expected = "cannot read lines after line 3; 3 imported, 0 already there, 0 bad: the disk is gone";
        assert_eq!(error, expected);
    }

    #[tokio::test]
    async fn import_keeps_the_content_of_the_line() {
        let stores = stores(InMemoryEventStorageAdapter::new());
        let line = r#"{"eventStoreId":"POKEMONS","event":{"aggregateId":"p","version":1,"type":"APPEARED","timestamp":"2024-02-29T12:34:56.789Z","payload":{"name":"Pikachu","level":2},"metadata":{"trigger":"scripted","by":"me"}}}"#;
        let input = Input { bytes: Box::new(line.as_bytes()), ..three_lines() };
        import(&stores, input).await.unwrap();
        let event = stores.pokemons.get_events("p").await.unwrap().remove(0);
        let message: NotificationMessage<Pokemon> = NotificationMessage { event };
        let read: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_value(&message).unwrap(), read);
    }
}
