use std::sync::Arc;

use castore_conformance::snapshot::{FreshSnapshots, SnapshotFactory};
use castore_conformance::storage::{Capabilities, FreshStorage, StorageFactory};
use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::EventStorageAdapter;
use castore_dynamodb::{CreateTableOptions, DynamoDbEventStorageAdapter, DynamoDbSnapshotAdapter};

use crate::support::{TABLE, client_of_new_account};

/// Event storages on the emulator.
struct DynamoDb {
    refuse_gaps: bool,
}

#[castore_conformance::async_trait]
impl StorageFactory for DynamoDb {
    async fn fresh(&self) -> FreshStorage {
        let client = client_of_new_account();
        let builder = DynamoDbEventStorageAdapter::builder(client, TABLE).refuse_gaps(self.refuse_gaps);
        let adapter = builder.clone().build();
        adapter.create_event_table(CreateTableOptions::default()).await.unwrap();
        FreshStorage::new(adapter).reopened_by(move || {
            let again = builder.clone().build();
            async move { Arc::new(again) as Arc<dyn EventStorageAdapter> }
        })
    }

    fn capabilities(&self) -> Capabilities {
        let capabilities = Capabilities::full()
            // With gap checks, a group has at most 50 events of different aggregates, because each of these events
            // needs a check.
            .max_group_len(if self.refuse_gaps { 50 } else { 100 })
            .max_payload_len(400 * 1024 - 1_024)
            .max_aggregate_id_len(2048 - "POKEMONS#".len())
            .timestamps("0000-01-01T00:00:00.000Z".parse().unwrap(), "9999-12-31T23:59:59.999Z".parse().unwrap())
            .max_nesting(32)
            .without_hash_in_event_store_ids()
            .without_lone_surrogates_in_json()
            .json_by_value()
            .without_wide_numbers()
            .ties_in_any_order()
            .own_page_tokens()
            .last_page_may_be_empty()
            .group_reads_may_tear()
            // The emulator processes one request at a time.
            .slow_requests()
            .property_cases(6);
        if self.refuse_gaps { capabilities.gaps_may_be_filled() } else { capabilities.without_gap_checks() }
    }
}

castore_conformance::storage_conformance!(DynamoDb { refuse_gaps: false });
castore_conformance::storage_conformance!(mod refusing_gaps, DynamoDb { refuse_gaps: true });

/// Snapshot storages on the emulator.
struct Snapshots;

#[castore_conformance::async_trait]
impl SnapshotFactory for Snapshots {
    async fn fresh(&self) -> FreshSnapshots {
        let client = client_of_new_account();
        let adapter = DynamoDbSnapshotAdapter::new(client.clone(), "snapshots");
        adapter.create_snapshot_table().await.unwrap();
        FreshSnapshots::new(adapter).another_handle(move || {
            let again = DynamoDbSnapshotAdapter::new(client.clone(), "snapshots");
            async move { Arc::new(again) as Arc<dyn SnapshotAdapter> }
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full().max_payload_len(400 * 1024 - 1_024).max_aggregate_id_len(2048 - "POKEMONS#".len())
    }
}

castore_conformance::snapshot_conformance!(Snapshots);
