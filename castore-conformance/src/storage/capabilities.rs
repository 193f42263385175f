use std::time::Duration;

use castore_core::time::Timestamp;

/// The capabilities of a storage. Start with [`full`](Self::full): the other methods each waive a requirement or set a
/// value for the tests.
///
/// A waiver of *data* (lengths, ids, NUL …) does not skip a test: the kit still pushes such data. The adapter must
/// either store the data unchanged, or reject it with [`StorageError::Unsupported`] and store nothing.
///
/// [`StorageError::Unsupported`]: castore_core::storage::StorageError::Unsupported
#[derive(Debug, Clone)]
pub struct Capabilities {
    pub(crate) max_group_len: usize,
    pub(crate) max_payload_len: usize,
    pub(crate) max_aggregate_id_len: usize,
    pub(crate) max_event_type_len: usize,
    pub(crate) max_event_store_id_len: usize,
    pub(crate) max_nesting: usize,
    pub(crate) hash_in_event_store_ids: bool,
    pub(crate) max_version: u64,
    pub(crate) timestamps: (Option<Timestamp>, Option<Timestamp>),
    pub(crate) aggregate_ids: AggregateIds,
    pub(crate) text_nul: bool,
    pub(crate) json_nul: bool,
    pub(crate) json_lone_surrogates: bool,
    pub(crate) json_null_is_absent: bool,
    pub(crate) json_text: bool,
    pub(crate) wide_numbers: bool,
    pub(crate) ties_by_id: bool,
    pub(crate) castore_page_tokens: bool,
    pub(crate) last_page_may_be_empty: bool,
    pub(crate) group_reads_may_tear: bool,
    pub(crate) listing_lag: Duration,
    pub(crate) version_gaps: VersionGaps,
    pub(crate) slow_requests: bool,
    pub(crate) property_cases: u32,
}

/// The strictness with which a storage checks that versions follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VersionGaps {
    Refused,
    /// A version is accepted if the previous version is stored, even if later versions are stored, too.
    MayBeFilled,
    Unchecked,
}

/// The aggregate ids that a storage accepts.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum AggregateIds {
    /// Any text.
    Text,
    /// UUIDs in lower case only. The kit converts every id to a UUID.
    Uuid,
    /// The ids that this function returns. The kit calls the function with a text. The function must return different
    /// ids for different texts, and always the same id for the same text.
    Made(fn(&str) -> String),
}

impl Capabilities {
    /// Returns the capabilities of a storage that meets every requirement and has no limits.
    pub fn full() -> Self {
        Self {
            max_group_len: usize::MAX,
            max_payload_len: usize::MAX,
            max_aggregate_id_len: usize::MAX,
            max_event_type_len: usize::MAX,
            max_event_store_id_len: usize::MAX,
            max_nesting: usize::MAX,
            hash_in_event_store_ids: true,
            max_version: u64::MAX,
            timestamps: (None, None),
            aggregate_ids: AggregateIds::Text,
            text_nul: true,
            json_nul: true,
            json_lone_surrogates: true,
            json_null_is_absent: false,
            json_text: true,
            wide_numbers: true,
            ties_by_id: true,
            castore_page_tokens: true,
            last_page_may_be_empty: false,
            group_reads_may_tear: false,
            listing_lag: Duration::ZERO,
            version_gaps: VersionGaps::Refused,
            slow_requests: false,
            property_cases: 48,
        }
    }

    /// Sets the maximum number of events in a transaction (DynamoDB: 100). The adapter may reject longer groups, but
    /// only as a whole.
    #[must_use]
    pub fn max_group_len(self, events: usize) -> Self {
        Self { max_group_len: events, ..self }
    }

    /// Sets the maximum size of the payload and the metadata of an event together, in bytes of JSON. DynamoDB allows
    /// 400 KB for the whole item.
    #[must_use]
    pub fn max_payload_len(self, bytes: usize) -> Self {
        Self { max_payload_len: bytes, ..self }
    }

    /// Sets the maximum length of aggregate ids, in bytes.
    #[must_use]
    pub fn max_aggregate_id_len(self, bytes: usize) -> Self {
        Self { max_aggregate_id_len: bytes, ..self }
    }

    /// Sets the maximum length of event types, in bytes (64 in the Postgres table of the original package).
    #[must_use]
    pub fn max_event_type_len(self, bytes: usize) -> Self {
        Self { max_event_type_len: bytes, ..self }
    }

    /// Sets the maximum length of event store ids, in bytes (32 in the Postgres table of the original package).
    #[must_use]
    pub fn max_event_store_id_len(self, bytes: usize) -> Self {
        Self { max_event_store_id_len: bytes, ..self }
    }

    /// Sets the maximum nesting depth of JSON, where a value without nesting has depth 1 (DynamoDB: 32).
    #[must_use]
    pub fn max_nesting(self, levels: usize) -> Self {
        Self { max_nesting: levels, ..self }
    }

    /// Waives the character `#` in event store ids (DynamoDB, where `#` separates event store ids from aggregate ids).
    #[must_use]
    pub fn without_hash_in_event_store_ids(self) -> Self {
        Self { hash_in_event_store_ids: false, ..self }
    }

    /// Sets the highest version that the engine can store (signed columns: `i64::MAX`).
    #[must_use]
    pub fn max_version(self, version: u64) -> Self {
        Self { max_version: version, ..self }
    }

    /// Sets the first and the last timestamp that the engine can store and sort.
    #[must_use]
    pub fn timestamps(self, first: Timestamp, last: Timestamp) -> Self {
        Self { timestamps: (Some(first), Some(last)), ..self }
    }

    /// Sets the kind of aggregate ids that the storage accepts (Castore's Postgres table: UUIDs). Defaults to
    /// [`AggregateIds::Text`].
    #[must_use]
    pub fn aggregate_ids(self, aggregate_ids: AggregateIds) -> Self {
        Self { aggregate_ids, ..self }
    }

    /// Waives the NUL character in ids and event types (Postgres).
    #[must_use]
    pub fn without_nul_in_text(self) -> Self {
        Self { text_nul: false, ..self }
    }

    /// Waives the NUL character in JSON strings (Postgres' `jsonb`).
    #[must_use]
    pub fn without_nul_in_json(self) -> Self {
        Self { json_nul: false, ..self }
    }

    /// Waives lone surrogates in JSON strings (Postgres' `jsonb`, and any engine that stores decoded text).
    #[must_use]
    pub fn without_lone_surrogates_in_json(self) -> Self {
        Self { json_lone_surrogates: false, ..self }
    }

    /// Allows a payload or metadata of JSON `null` to be returned as absent (Castore's Postgres table).
    #[must_use]
    pub fn json_null_is_absent(self) -> Self {
        Self { json_null_is_absent: true, ..self }
    }

    /// Allows the storage to change key order, white space, repeated keys and the notation of numbers in JSON
    /// (Postgres' `jsonb`, DynamoDB). The kit then compares JSON by value.
    #[must_use]
    pub fn json_by_value(self) -> Self {
        Self { json_text: false, ..self }
    }

    /// Waives numbers with more than 38 significant digits, or whose absolute value is greater than 9.99E+125 or less
    /// than 1E-130 (DynamoDB).
    #[must_use]
    pub fn without_wide_numbers(self) -> Self {
        Self { wide_numbers: false, ..self }
    }

    /// Allows any stable order of aggregates with the same initial timestamp (DynamoDB). Pages must still not skip or
    /// repeat any of these aggregates.
    #[must_use]
    pub fn ties_in_any_order(self) -> Self {
        Self { ties_by_id: false, ..self }
    }

    /// Waives the page token format of the original Castore. The kit then uses only tokens that the adapter has
    /// returned, and invalid tokens.
    #[must_use]
    pub fn own_page_tokens(self) -> Self {
        Self { castore_page_tokens: false, ..self }
    }

    /// Allows a page to have a token although no aggregate follows (DynamoDB's queries).
    #[must_use]
    pub fn last_page_may_be_empty(self) -> Self {
        Self { last_page_may_be_empty: true, ..self }
    }

    /// Allows a read to see a part of a group that is being stored (DynamoDB's queries).
    #[must_use]
    pub fn group_reads_may_tear(self) -> Self {
        Self { group_reads_may_tear: true, ..self }
    }

    /// Sets the time for which lists may lag behind pushes (DynamoDB's indexes). The kit waits for this time before it
    /// lists aggregates.
    #[must_use]
    pub fn listing_lag(self, lag: Duration) -> Self {
        Self { listing_lag: lag, ..self }
    }

    /// Allows pushes that fill an existing gap, because the storage checks only whether the previous version is stored
    /// (DynamoDB, if gap checks are enabled). Pushes that leave a gap must still be rejected.
    #[must_use]
    pub fn gaps_may_be_filled(self) -> Self {
        Self { version_gaps: VersionGaps::MayBeFilled, ..self }
    }

    /// Waives the rejection of pushes that leave a gap (DynamoDB by default).
    #[must_use]
    pub fn without_gap_checks(self) -> Self {
        Self { version_gaps: VersionGaps::Unchecked, ..self }
    }

    /// Lengthens the pauses before the retries of commands that compete for one aggregate. Use this method if requests
    /// take much longer than the default pause while the kit runs (the DynamoDB emulator, which handles the requests of
    /// all tests one at a time).
    #[must_use]
    pub fn slow_requests(self) -> Self {
        Self { slow_requests: true, ..self }
    }

    /// Sets the number of random sequences that each property test runs. Each sequence runs on a fresh storage.
    /// Defaults to 48.
    #[must_use]
    pub fn property_cases(self, cases: u32) -> Self {
        Self { property_cases: cases, ..self }
    }

    /// Returns the aggregate id that represents `text`.
    pub(crate) fn id(&self, text: &str) -> String {
        match self.aggregate_ids {
            AggregateIds::Text => text.to_owned(),
            AggregateIds::Uuid => uuid_of(text),
            AggregateIds::Made(make) => make(text),
        }
    }

    /// Returns whether any text is a valid aggregate id.
    pub(crate) fn text_ids(&self) -> bool {
        matches!(self.aggregate_ids, AggregateIds::Text)
    }
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::full()
    }
}

/// Returns a UUID of version 8 (the version for custom formats) that consists of two FNV-1a hashes.
fn uuid_of(text: &str) -> String {
    let hash =
        |seed: u64| text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let (high, low) = (hash(0xcbf2_9ce4_8422_2325), hash(0x6c62_272e_07bb_0142));
    format!(
        "{:08x}-{:04x}-8{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_uuids_that_differ() {
        let capabilities = Capabilities::full().aggregate_ids(AggregateIds::Uuid);
        let mut ids: Vec<_> = (0..2_000).map(|n| capabilities.id(&format!("a{n}"))).collect();
        assert!(ids.iter().all(|id| id.len() == 36));
        assert_eq!(capabilities.id("a0"), ids[0]);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 2_000);
    }
}
