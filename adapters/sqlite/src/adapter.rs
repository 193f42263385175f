use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use castore_core::storage::{
    AggregateIdsPage, EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, ListAggregateIdsOptions,
    PageToken, PushOptions, PushReceipt, RawEvent, StorageError, StorageId,
};
use tokio::sync::{oneshot, watch};

use crate::OpenError;
use crate::log;
use crate::open::{self, Opened};
use crate::open_file::OpenFile;
use crate::options::{Location, OpenOptions, Synchronous};
use crate::reader::{self, Pool, Source};
use crate::writer::{self, Write, Writer};

/// An event storage adapter that stores events in an SQLite database. Clones are cheap and share the connections and
/// the threads.
///
/// See the [crate documentation](crate) for the guarantees.
#[derive(Clone)]
pub struct SqliteEventStorageAdapter(Arc<Inner>);

struct Inner {
    location: Location,
    storage_id: StorageId,
    writer: Arc<Writer>,
    readers: Arc<Pool>,
    /// A channel that closes when all threads have ended, because each thread owns a sender.
    ended: watch::Receiver<()>,
}

impl SqliteEventStorageAdapter {
    /// Executes the queued pushes and reads, closes the database and ends the threads. Afterwards, the database is a
    /// single file, without `-wal` and `-shm` files, unless a projection, another adapter or another program still has
    /// the file open.
    ///
    /// Pushes and reads that begin after this call, and pushes that wait because the queue is full, fail with
    /// [`StorageError::ShutDown`] on all clones. The method may be called more than once. Each call returns when the
    /// shutdown is complete.
    ///
    /// # Cancellation
    /// If the future is dropped, the shutdown continues.
    pub async fn shutdown(&self) {
        self.0.close();
        let mut ended = self.0.ended.clone();
        // No value is ever sent, so the loop ends when the last sender is dropped.
        while ended.changed().await.is_ok() {}
    }

    pub(crate) async fn start(options: OpenOptions) -> Result<Self, OpenError> {
        let (alive, ended) = watch::channel(());
        let (reply, answer) = oneshot::channel();
        let location = options.location.clone();
        let writer_alive = alive.clone();
        spawn("castore-sqlite-writer", move || {
            let opened = open::open(&options).map(|opened| start_writer(opened, &options));
            let writer = opened.as_ref().ok().map(|started| Arc::clone(&started.writer));
            // If the caller has dropped the future of this function, the writer is closed, which ends this thread.
            let unwanted = reply.send(opened).is_err();
            if let Some(writer) = writer {
                if unwanted {
                    writer.close();
                }
                writer::run(&writer);
            }
            drop(writer_alive);
        })?;
        let Started { writer, storage_id, sources, file } = answer.await.unwrap_or_else(|_| {
            Err(OpenError::Thread(std::io::Error::other("the writer's thread ended unexpectedly")))
        })?;
        // From here on, an error return drops the adapter, and the drop closes everything that was started.
        let readers = Arc::new(Pool::new(file, writer.running().clone()));
        let adapter = Self(Arc::new(Inner { location, storage_id, writer, readers, ended }));
        for source in sources {
            let readers = Arc::clone(&adapter.0.readers);
            let alive = alive.clone();
            spawn("castore-sqlite-reader", move || {
                reader::run(&readers, source);
                drop(alive);
            })?;
        }
        Ok(adapter)
    }
}

impl SqliteEventStorageAdapter {
    pub(crate) fn location(&self) -> &Location {
        &self.0.location
    }

    pub(crate) fn id(&self) -> &StorageId {
        &self.0.storage_id
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.0.writer
    }

    pub(crate) fn shared_writer(&self) -> &Arc<Writer> {
        &self.0.writer
    }

    pub(crate) fn readers(&self) -> &Pool {
        &self.0.readers
    }
}

/// The writer and the connections of an adapter, which were opened on the writer's thread.
struct Started {
    writer: Arc<Writer>,
    storage_id: StorageId,
    sources: Vec<Source>,
    file: Option<Arc<OpenFile>>,
}

fn start_writer(opened: Opened, options: &OpenOptions) -> Started {
    // Callers may store events inline only if a commit is not flushed and so does not wait for the disk.
    let inline = match (&options.location, options.synchronous) {
        (Location::Memory, _) | (_, Synchronous::Normal) => true,
        (Location::File(_), Synchronous::Full) => false,
    };
    let writer = Arc::new(Writer::new(opened.writer, opened.file.clone(), options.busy_timeout, inline));
    let sources = if opened.readers.is_empty() {
        vec![Source::Shared(writer.lease())]
    } else {
        opened.readers.into_iter().map(|connection| Source::Own { connection, _writer: writer.lease() }).collect()
    };
    Started { writer, storage_id: opened.storage_id, sources, file: opened.file }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(drop).map_err(OpenError::Thread)
}

impl Inner {
    fn close(&self) {
        self.readers.close();
        self.writer.close();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for SqliteEventStorageAdapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqliteEventStorageAdapter").field("location", &self.0.location).finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStorageAdapter for SqliteEventStorageAdapter {
    fn storage_id(&self) -> StorageId {
        self.0.storage_id.clone()
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let (store, aggregate) = (event_store_id.to_owned(), aggregate_id.to_owned());
        let known = Arc::clone(self.0.writer.known());
        let read = self.0.readers.read(move |connection, abandoned| {
            reader::read_events(connection, &known, &store, &aggregate, options, abandoned)
        });
        let events = read.await?;
        tracing::trace!(event_store = event_store_id, aggregate_id, events = events.len(), "read events");
        Ok(events)
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        mut visit: EventVisitor,
    ) -> Result<(), StorageError> {
        let (store, aggregate) = (event_store_id.to_owned(), aggregate_id.to_owned());
        let known = Arc::clone(self.0.writer.known());
        let read = self.0.readers.read(move |connection, abandoned| {
            reader::visit_events(connection, &known, &store, &aggregate, options, |event| {
                Ok(if abandoned() { ControlFlow::Break(()) } else { visit(event) })
            })
        });
        read.await
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        let logged = tracing::enabled!(tracing::Level::DEBUG).then(|| (event.aggregate_id.clone(), event.version));
        let write = Write { event_store_id: event_store_id.to_owned().into(), event };
        let result = self.0.writer.write(vec![write], options).await;
        if let Some((aggregate_id, version)) = logged {
            log_push(event_store_id, &aggregate_id, version, result.as_ref().err());
        }
        // One write has exactly one receipt.
        result.map(|stored| stored.first().copied().unwrap_or_default())
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        let elsewhere = |grouped: &GroupedRawEvent| grouped.adapter.storage_id() != self.0.storage_id;
        if let Some(index) = group.iter().position(elsewhere) {
            return Err(StorageError::GroupSpansStorages {
                index,
                event_store_id: group.get(index).map(|grouped| grouped.event_store_id.to_owned()).unwrap_or_default(),
            });
        }
        // All adapters on this file use the same table, so the adapter of each event does not matter here.
        let writes: Vec<Write> = group
            .into_iter()
            .map(|grouped| Write { event_store_id: grouped.event_store_id.into(), event: grouped.event })
            .collect();
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        let logged: Vec<_> = if tracing::enabled!(tracing::Level::DEBUG) {
            let of =
                |write: &Write| (write.event_store_id.clone(), write.event.aggregate_id.clone(), write.event.version);
            writes.iter().map(of).collect()
        } else {
            Vec::new()
        };
        let result = self.0.writer.write(writes, options).await;
        for (event_store_id, aggregate_id, version) in logged {
            log_push(&event_store_id, &aggregate_id, version, result.as_ref().err());
        }
        result
    }

    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        let (store, aggregate) = (event_store_id.to_owned(), aggregate_id.to_owned());
        let read = self.0.readers.read(move |connection, _| log::rewrite_count(connection, &store, &aggregate));
        read.await.map(Some)
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        let asked = PageToken::resolve(&options)?;
        let store = event_store_id.to_owned();
        let read = self.0.readers.read(move |connection, _| reader::list_aggregate_ids(connection, &store, asked));
        read.await
    }
}

/// Logs the key of a pushed event and the outcome of the push, but never the payload.
fn log_push(event_store: &str, aggregate: &str, version: u64, error: Option<&StorageError>) {
    match error {
        None => tracing::debug!(event_store, aggregate_id = aggregate, version, "stored an event"),
        Some(error) => tracing::debug!(
            event_store,
            aggregate_id = aggregate,
            version,
            error = castore_core::error::error_chain(error),
            "could not store an event"
        ),
    }
}
