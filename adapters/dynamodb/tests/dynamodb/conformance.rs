use std::sync::Arc;

use castore_conformance::storage::{Capabilities, FreshStorage, StorageFactory};
use castore_dynamodb::{CreateTableOptions, DynamoDbEventStorageAdapter};
use castore_runtime::storage::EventStorageAdapter;

use crate::support::{TABLE, client_of_new_account};

/// The emulator.
struct DynamoDb;

#[castore_conformance::async_trait]
impl StorageFactory for DynamoDb {
    async fn fresh(&self) -> FreshStorage {
        let client = client_of_new_account();
        let adapter = DynamoDbEventStorageAdapter::new(client.clone(), TABLE);
        adapter.create_event_table(CreateTableOptions::default()).await.unwrap();
        FreshStorage::new(adapter).reopened_by(move || {
            let again = DynamoDbEventStorageAdapter::new(client.clone(), TABLE);
            async move { Arc::new(again) as Arc<dyn EventStorageAdapter> }
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
            .max_group_len(100)
            .max_payload_len(400 * 1024 - 1_024)
            .max_aggregate_id_len(2048 - "POKEMONS#".len())
            .timestamps("0000-01-01T00:00:00.000Z".parse().unwrap(), "9999-12-31T23:59:59.999Z".parse().unwrap())
            .without_lone_surrogates_in_json()
            .json_by_value()
            .without_wide_numbers()
            .ties_in_any_order()
            .own_page_tokens()
            .last_page_may_be_empty()
            .group_reads_may_tear()
            // The emulator does one thing at a time.
            .property_cases(6)
    }
}

/// What the kit cannot waive yet: that attributes are nested 32 levels deep at most, and that event store ids have no
/// `#`. The module `limits` has the rest of these two behaviours.
macro_rules! test {
    ($topic:ident odd_json_is_kept_or_refused) => {};
    ($topic:ident store_and_aggregate_ids_are_not_joined) => {};
    ($topic:ident $behaviour:ident) => {
        #[test]
        fn $behaviour() {
            castore_conformance::__private::run(castore_conformance::storage::$topic::$behaviour(&super::DynamoDb));
        }
    };
}

macro_rules! tests {
    ($($topic:ident: { $($behaviour:ident)* })*) => {
        $(mod $topic {
            $(test! { $topic $behaviour })*
        })*
    };
}

castore_conformance::__storage_behaviours! { [tests] }
