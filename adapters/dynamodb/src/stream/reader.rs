use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::cursors::{Gone, ShardPosition, StreamCursors};
use super::log::{Records, Unread};
use super::record::record_of;
use super::{DynamoDbStreamLog, StreamError, StreamRecord};

/// The interval at which the reader lists the shards and checks that the table still has this stream. The reader also
/// does both after a shard has ended.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// A reader of a stream, which reads the shards concurrently, each after its parent.
pub struct StreamReader {
    log: DynamoDbStreamLog,
    cursors: StreamCursors,
    /// The next iterator of each shard. Each read returns the next iterator, which saves a separate request.
    iterators: HashMap<String, String>,
    looked_at: Option<Instant>,
}

impl StreamReader {
    pub(super) fn new(log: DynamoDbStreamLog, cursors: StreamCursors) -> Self {
        Self { log, cursors, iterators: HashMap::new(), looked_at: None }
    }

    /// Returns the cursors after the records that [`read`](Self::read) has returned.
    pub fn cursors(&self) -> &StreamCursors {
        &self.cursors
    }

    /// Reads the next records: at most `limit` (at least 1 and at most 1,000) of each shard. The method does not wait
    /// for records. An empty result does not mean that all records have been read: a shard may return an empty page
    /// before its next record.
    ///
    /// # Cancellation
    /// If the future is dropped, no record is lost: the next call reads the pending records again.
    ///
    /// # Errors
    /// [`StreamError::Trimmed`] and [`StreamError::OtherStream`] if the stream no longer contains all events that were not
    /// read yet. [`StreamError::NoStream`] and [`StreamError::NoNewImages`] if the table has no stream with the new
    /// images of items. [`StreamError::Request`] if a request fails. After an error, the reader continues at the same
    /// record, so the next call returns the error again if it persists. If only some shards fail, the records of the
    /// other shards are returned first.
    pub async fn read(&mut self, limit: usize) -> Result<Vec<StreamRecord>, StreamError> {
        if self.looked_at.is_none_or(|looked_at| looked_at.elapsed() >= LOOK_AGAIN) {
            self.check().await?;
        }
        let mut reads = JoinSet::new();
        for (shard_id, position) in self.cursors.readable() {
            let (log, shard_id, position) = (self.log.clone(), shard_id.to_owned(), position.clone());
            let iterator = self.iterators.get(&shard_id).cloned();
            reads.spawn(async move {
                let read = read_shard(&log, &shard_id, &position, iterator, limit).await;
                (shard_id, read)
            });
        }
        let mut found = Vec::new();
        let mut failed = None;
        let mut has_ended = false;
        while let Some(read) = reads.join_next().await {
            match read {
                Ok((shard_id, Ok(records))) => {
                    has_ended |= records.next.is_none();
                    found.push((shard_id, records));
                }
                Ok((shard_id, Err(error))) => {
                    self.iterators.remove(&shard_id);
                    failed = Some(error);
                }
                // The task is never aborted, so this is a panic in the SDK.
                Err(error) => {
                    if let Ok(panic) = error.try_into_panic() {
                        std::panic::resume_unwind(panic);
                    }
                }
            }
        }
        let mut page = Vec::new();
        for (shard_id, records) in found {
            self.take(&shard_id, records, &mut page);
        }
        if has_ended {
            // The children of the shard can be read immediately.
            self.looked_at = None;
        }
        match failed {
            // The records of other shards are returned first. The next call reports the failure again.
            Some(error) if page.is_empty() => Err(error),
            _ => Ok(page),
        }
    }

    /// Lists the shards, and checks that the table still has this stream.
    pub(crate) async fn check(&mut self) -> Result<(), StreamError> {
        self.log.check().await?;
        let shards = self.log.shards().await?;
        self.cursors.meet(&shards).map_err(|Gone(shard_id)| self.log.trimmed(&shard_id))?;
        self.looked_at = Some(Instant::now());
        Ok(())
    }

    fn take(&mut self, shard_id: &str, records: Records, page: &mut Vec<StreamRecord>) {
        let mut last = None;
        for record in records.records {
            let Some((record, created)) = record_of(shard_id, record) else { continue };
            last = Some(record.sequence_number.clone());
            if !self.cursors.passes_over(created) {
                page.push(record);
            }
        }
        match (records.next, last) {
            (None, _) => {
                self.iterators.remove(shard_id);
                self.cursors.set(shard_id, ShardPosition::Done);
            }
            (Some(next), last) => {
                self.iterators.insert(shard_id.to_owned(), next);
                if let Some(last) = last {
                    self.cursors.set(shard_id, ShardPosition::After(last));
                }
            }
        }
    }
}

impl fmt::Debug for StreamReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StreamReader").field("log", &self.log).finish_non_exhaustive()
    }
}

/// Reads a shard with its iterator. Requests a new iterator if there is none, or if the iterator has expired.
async fn read_shard(
    log: &DynamoDbStreamLog,
    shard_id: &str,
    position: &ShardPosition,
    iterator: Option<String>,
    limit: usize,
) -> Result<Records, StreamError> {
    if let Some(iterator) = iterator {
        match log.records(shard_id, &iterator, limit).await {
            Ok(records) => return Ok(records),
            Err(Unread::Expired(_)) => {}
            Err(Unread::Failed(error)) => return Err(error),
        }
    }
    let iterator = log.iterator(shard_id, position).await?;
    log.records(shard_id, &iterator, limit).await.map_err(|(Unread::Expired(error) | Unread::Failed(error))| error)
}
