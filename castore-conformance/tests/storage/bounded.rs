//! An adapter that uses every waiver. The adapter must pass the kit. If the adapter does not declare its waivers, the
//! kit must detect its limits.

use std::sync::Arc;

use castore_conformance::async_trait;
use castore_conformance::storage::{AggregateIds, BEHAVIORS, Capabilities, FreshStorage, StorageFactory};
use castore_core::storage::{
    AggregateIdsPage, DelegatingStorageAdapter, EventStorageAdapter, GroupedRawEvent, LastEvaluatedKey,
    ListAggregateIdsOptions, PageToken, PushOptions, PushReceipt, RawEvent, StorageError,
};
use castore_core::time::Timestamp;
use castore_runtime::in_memory::InMemoryEventStorageAdapter;
use serde_json::value::RawValue;

const MAX_GROUP: usize = 10;
const MAX_JSON: usize = 400_000;

pub(crate) struct Bounded;

#[async_trait]
impl StorageFactory for Bounded {
    async fn fresh(&self) -> FreshStorage {
        let inner = Arc::new(InMemoryEventStorageAdapter::new());
        FreshStorage::new(Adapter(inner.clone())).reopened_by(move || {
            let inner = inner.clone();
            async move { Arc::new(Adapter(inner)) as Arc<dyn EventStorageAdapter> }
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
            .max_group_len(MAX_GROUP)
            .max_payload_len(MAX_JSON)
            .max_event_type_len(64)
            .max_event_store_id_len(32)
            .max_version(i64::MAX as u64)
            .timestamps(year("0000"), year("+010000"))
            .aggregate_ids(AggregateIds::Uuid)
            .without_nul_in_text()
            .without_nul_in_json()
            .without_lone_surrogates_in_json()
            .json_null_is_absent()
            .json_by_value()
            .without_wide_numbers()
            .ties_in_any_order()
            .own_page_tokens()
            .last_page_may_be_empty()
    }
}

fn year(year: &str) -> Timestamp {
    format!("{year}-01-01T00:00:00.000Z").parse().unwrap()
}

/// A factory of the same adapter that claims the full capabilities.
struct Boasting;

#[async_trait]
impl StorageFactory for Boasting {
    async fn fresh(&self) -> FreshStorage {
        Bounded.fresh().await
    }
}

#[test]
fn bounds_that_are_not_waived_are_found() {
    for name in [
        "a_group_of_100_is_stored_whole",
        "any_text_is_an_aggregate_id",
        "any_text_is_an_event_type",
        "odd_json_is_kept_or_refused",
        "any_json_value_is_a_payload",
        "a_mebibyte_is_kept_or_refused",
        "huge_versions_are_kept_or_refused",
        "far_timestamps_are_kept_or_refused",
        "castore_tokens_are_read",
        "pages_follow_one_another",
    ] {
        let behavior = BEHAVIORS.iter().find(|behavior| behavior.name == name).unwrap();
        let result = std::panic::catch_unwind(|| behavior.check(&Boasting));
        assert!(result.is_err(), "{name} passes");
    }
}

#[derive(Debug)]
struct Adapter(Arc<InMemoryEventStorageAdapter>);

fn unsupported(what: &str) -> StorageError {
    StorageError::Unsupported { what: what.to_owned() }
}

fn by_value(json: Option<Box<RawValue>>) -> Result<Option<Box<RawValue>>, StorageError> {
    let Some(json) = json.filter(|json| json.get() != "null") else {
        return Ok(None);
    };
    let text = json.get();
    let wide = text.contains("e308")
        || text.contains("e-324")
        || text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 38);
    if wide || text.len() > MAX_JSON || text.contains(r"\u0000") {
        return Err(unsupported("such JSON"));
    }
    // Parsing fails for lone surrogates and for numbers out of range.
    let value: serde_json::Value = serde_json::from_str(text).map_err(|_| unsupported("such JSON"))?;
    Ok(serde_json::value::to_raw_value(&value).ok())
}

fn check(store: &str, event: RawEvent) -> Result<RawEvent, StorageError> {
    let is_uuid = |id: &str| id.len() == 36 && id.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    let fits = is_uuid(&event.aggregate_id)
        && store.len() <= 32
        && event.event_type.len() <= 64
        && !event.event_type.contains('\0')
        && event.version <= i64::MAX as u64
        && (year("0000")..=year("+010000")).contains(&event.timestamp);
    if !fits {
        return Err(unsupported("such an event"));
    }
    Ok(RawEvent { payload: by_value(event.payload)?, metadata: by_value(event.metadata)?, ..event })
}

#[async_trait]
impl DelegatingStorageAdapter for Adapter {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &*self.0
    }

    async fn push_event(
        &self,
        store: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        self.0.push_event(store, check(store, event)?, options).await
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        if group.len() > MAX_GROUP {
            return Err(unsupported("a group of that length"));
        }
        let group: Result<Vec<_>, StorageError> = group
            .into_iter()
            .map(|grouped| {
                let event = check(grouped.event_store_id, grouped.event)?;
                Ok(GroupedRawEvent::new(self.0.clone(), grouped.event_store_id, event))
            })
            .collect();
        self.0.push_event_group(group?, options).await
    }

    /// Lists aggregates with page tokens in a private format. Every full page has a token.
    async fn list_aggregate_ids(
        &self,
        store: &str,
        mut options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        if let Some(token) = options.page_token.take() {
            let token = token.strip_prefix("own:").ok_or(StorageError::InvalidPageToken)?;
            options.page_token = Some(token.to_owned());
        }
        let asked = PageToken::resolve(&options)?;
        let mut page = self.0.list_aggregate_ids(store, options).await?;
        let full = asked.limit == Some(page.aggregates.len() as u64);
        page.next_page_token = page.aggregates.last().filter(|_| full).map(|last| {
            let key = LastEvaluatedKey {
                aggregate_id: last.aggregate_id.clone(),
                initial_event_timestamp: last.initial_event_timestamp,
            };
            format!("own:{}", asked.next(key))
        });
        Ok(page)
    }
}
