use std::collections::{BTreeMap, HashMap};

use castore_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Shard;

/// The position where reading a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamStart {
    /// Begins with the oldest record that the stream still contains: records are kept for 24 hours.
    TrimHorizon,
    /// Begins with the records of this time or later, by DynamoDB's clock. Fractions of a second are ignored. Earlier
    /// records are read and skipped.
    Since(Timestamp),
    /// Begins with the records of events that are stored from now on. Because clocks differ, a few records of the last
    /// two seconds may be returned, too. Unlike with [`Since`](Self::Since), the reader skips shards that are already
    /// closed when it first lists the shards.
    Latest,
}

/// The progress of reading a stream: a cursor per shard. Shards are not ordered relative to each other, so cursors are
/// not positions: two values cannot be compared.
///
/// Cursors implement `Serialize` and `Deserialize`, so that they can be stored. Their content is private to this crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamCursors {
    pub(crate) stream_arn: String,
    /// The time before which records are skipped, in seconds since 1970.
    pub(crate) since: Option<i64>,
    /// Whether the reader skips shards that are already closed when it first lists the shards.
    pub(crate) skips_closed: bool,
    /// Whether the shards of the stream have been listed before.
    pub(crate) has_met: bool,
    pub(crate) shards: BTreeMap<String, ShardCursor>,
}

/// The progress of reading one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShardCursor {
    pub(crate) parent: Option<String>,
    pub(crate) position: ShardPosition,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ShardPosition {
    /// No record was read.
    Start,
    /// The records up to this sequence number were read.
    After(String),
    /// The shard is closed, and was read to its end.
    Done,
}

/// The error for a shard whose records have expired before they were read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gone(pub(crate) String);

impl StreamCursors {
    pub(crate) fn new(stream_arn: &str, start: StreamStart) -> Self {
        let since = match start {
            StreamStart::TrimHorizon => None,
            StreamStart::Since(moment) => Some(moment.unix_millis().div_euclid(1_000)),
            StreamStart::Latest => Some(Timestamp::now().unix_millis().div_euclid(1_000) - 2),
        };
        Self {
            stream_arn: stream_arn.to_owned(),
            since,
            skips_closed: start == StreamStart::Latest,
            has_met: false,
            shards: BTreeMap::new(),
        }
    }

    /// Returns the ARN of the stream.
    pub fn stream_arn(&self) -> &str {
        &self.stream_arn
    }

    /// Adds the current shards of the stream, and removes expired shards that were read to the end.
    ///
    /// # Errors
    /// [`Gone`] if a shard has expired before it was read to its end, or before it was ever listed.
    pub(crate) fn meet(&mut self, listed: &[Shard]) -> Result<(), Gone> {
        let by_id: HashMap<&str, &Shard> = listed.iter().map(|shard| (&*shard.id, shard)).collect();
        let gone = |(id, cursor): &(&String, &ShardCursor)| {
            cursor.position != ShardPosition::Done && !by_id.contains_key(id.as_str())
        };
        if let Some((id, _)) = self.shards.iter().find(gone) {
            return Err(Gone(id.clone()));
        }
        let new = listed.iter().filter(|shard| !self.shards.contains_key(&shard.id));
        let new: Vec<&Shard> = new.collect();
        if self.has_met {
            // A parent that was never listed must have been created and expired between two calls.
            let unseen = new
                .iter()
                .filter_map(|shard| shard.parent.as_ref())
                .find(|parent| !by_id.contains_key(parent.as_str()) && !self.shards.contains_key(parent.as_str()));
            if let Some(parent) = unseen {
                return Err(Gone(parent.clone()));
            }
        }
        let skips_closed = self.skips_closed && !self.has_met;
        for shard in new {
            let is_done = skips_closed && shard.is_closed;
            let position = if is_done { ShardPosition::Done } else { ShardPosition::Start };
            self.shards.insert(shard.id.clone(), ShardCursor { parent: shard.parent.clone(), position });
        }
        self.has_met = true;
        // Removes expired shards that were read to the end. Their children are already in `shards`, and can be read
        // without them.
        self.shards.retain(|id, cursor| cursor.position != ShardPosition::Done || by_id.contains_key(id.as_str()));
        Ok(())
    }

    /// Returns the shards that can be read now: a shard can be read from the end of its parent until its own end.
    pub(crate) fn readable(&self) -> impl Iterator<Item = (&str, &ShardPosition)> {
        self.shards.iter().filter_map(|(id, cursor)| {
            let parent = cursor.parent.as_ref().and_then(|parent| self.shards.get(parent));
            let waits = parent.is_some_and(|parent| parent.position != ShardPosition::Done);
            (cursor.position != ShardPosition::Done && !waits).then_some((id.as_str(), &cursor.position))
        })
    }

    pub(crate) fn set(&mut self, shard_id: &str, position: ShardPosition) {
        if let Some(cursor) = self.shards.get_mut(shard_id) {
            cursor.position = position;
        }
    }

    /// Returns whether to skip a record that was created at the given time, in seconds since 1970.
    pub(crate) fn passes_over(&self, created: Option<i64>) -> bool {
        matches!((self.since, created), (Some(since), Some(created)) if created < since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(id: &str, parent: Option<&str>, is_closed: bool) -> Shard {
        Shard { id: id.to_owned(), parent: parent.map(str::to_owned), is_closed }
    }

    fn readable(cursors: &StreamCursors) -> Vec<&str> {
        cursors.readable().map(|(id, _)| id).collect()
    }

    fn met(listed: &[Shard]) -> StreamCursors {
        let mut cursors = StreamCursors::new("arn", StreamStart::TrimHorizon);
        cursors.meet(listed).unwrap();
        cursors
    }

    #[test]
    fn children_wait_for_their_parents() {
        let listed = [
            shard("a", Some("long gone"), true),
            shard("b", Some("a"), true),
            shard("c", Some("b"), false),
            shard("d", Some("a"), false),
        ];
        let mut cursors = met(&listed);
        assert_eq!(readable(&cursors), ["a"]);
        cursors.set("a", ShardPosition::After("7".to_owned()));
        assert_eq!(readable(&cursors), ["a"]);
        cursors.set("a", ShardPosition::Done);
        assert_eq!(readable(&cursors), ["b", "d"]);
        // The children can still be read if the parent is no longer listed.
        cursors.meet(&listed[1..]).unwrap();
        assert_eq!(readable(&cursors), ["b", "d"]);
        assert!(!cursors.shards.contains_key("a"), "nobody needs it");
        cursors.set("b", ShardPosition::Done);
        assert_eq!(readable(&cursors), ["c", "d"]);
    }

    #[test]
    fn a_shard_that_was_not_read_to_its_end_must_be_there() {
        let mut cursors = met(&[shard("a", None, true), shard("b", Some("a"), false)]);
        assert_eq!(cursors.clone().meet(&[shard("b", Some("a"), false)]), Err(Gone("a".to_owned())));
        cursors.set("a", ShardPosition::Done);
        assert_eq!(cursors.meet(&[shard("b", Some("a"), false)]), Ok(()));
    }

    #[test]
    fn shards_that_came_and_went_unseen_are_a_gap() {
        let mut cursors = met(&[shard("a", None, false)]);
        cursors.set("a", ShardPosition::Done);
        let seen = cursors.clone().meet(&[shard("b", Some("a"), false)]);
        assert_eq!(seen, Ok(()));
        assert_eq!(cursors.meet(&[shard("c", Some("b"), false)]), Err(Gone("b".to_owned())));
        // A first list without shards also counts as a list.
        let mut empty = met(&[]);
        assert_eq!(empty.clone().meet(&[shard("a", None, false)]), Ok(()));
        assert_eq!(empty.meet(&[shard("b", Some("a"), false)]), Err(Gone("a".to_owned())));
    }

    #[test]
    fn starting_now_skips_closed_shards_only_on_first_sight() {
        let mut cursors = StreamCursors::new("arn", StreamStart::Latest);
        cursors.meet(&[shard("a", None, true), shard("b", Some("a"), false)]).unwrap();
        assert_eq!(readable(&cursors), ["b"]);
        cursors.set("b", ShardPosition::Done);
        cursors.meet(&[shard("b", Some("a"), true), shard("c", Some("b"), true)]).unwrap();
        assert_eq!(readable(&cursors), ["c"]);
    }

    #[test]
    fn events_stored_before_the_start_are_skipped() {
        let since = StreamCursors::new("arn", StreamStart::Since(Timestamp::from_unix_millis(5_999).unwrap()));
        assert_eq!([Some(4), Some(5), None].map(|created| since.passes_over(created)), [true, false, false]);
        assert!(!StreamCursors::new("arn", StreamStart::TrimHorizon).passes_over(Some(0)));
    }

    #[test]
    fn cursors_survive_being_kept() {
        let mut cursors = met(&[shard("a", None, true), shard("b", Some("a"), false)]);
        cursors.set("a", ShardPosition::After("123".to_owned()));
        let kept = serde_json::to_string(&cursors).unwrap();
        assert_eq!(serde_json::from_str::<StreamCursors>(&kept).unwrap(), cursors);
    }
}
