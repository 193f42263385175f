//! Isolated schemas: a group of events, or a transaction, cannot contain events of two schemas.

use castore_core::storage::{EventStorageAdapter, GroupedRawEvent, PushTransaction, StorageError};
use castore_postgres::PostgresEventStorageAdapter;

use super::support::{A, B, NO_FORCE, STORE, Schema, event, grouped, url, versions};

/// Two isolated tenants, and a table in the schema of the first tenant.
struct Isolated {
    one: PostgresEventStorageAdapter,
    sibling: PostgresEventStorageAdapter,
    other: PostgresEventStorageAdapter,
}

impl Isolated {
    async fn new(one: &Schema, other: &Schema, isolated: bool) -> Self {
        let first = one.created(one.builder().isolated(isolated)).await;
        let second = first.for_schema(&other.name).unwrap();
        let sibling = one.builder().table("archive").isolated(isolated).sharing(&first).unwrap();
        second.create_event_table().await.unwrap();
        sibling.create_event_table().await.unwrap();
        Self { one: first, sibling, other: second }
    }
}

/// A group over two tenants is refused if their schemas are isolated, and stored otherwise.
#[tokio::test]
async fn group_over_two_isolated_schemas_is_refused() {
    for isolated in [false, true] {
        let (one, other) = (Schema::new().await, Schema::new().await);
        let tenants = Isolated::new(&one, &other, isolated).await;
        let group: Vec<GroupedRawEvent> = vec![grouped(&tenants.one, A, 1), grouped(&tenants.other, A, 1)];
        match tenants.one.push_event_group(group, NO_FORCE).await {
            Ok(_) => assert!(!isolated, "the group was stored in both schemas"),
            Err(StorageError::GroupSpansStorages { index: 1, .. }) => assert!(isolated),
            Err(error) => panic!("{error:?}"),
        }
        let expected: &[u64] = if isolated { &[] } else { &[1] };
        assert_eq!((&*versions(&tenants.one, A).await, &*versions(&tenants.other, A).await), (expected, expected));
        // Two tables of one schema are still one storage.
        let group = vec![grouped(&tenants.one, B, 1), grouped(&tenants.sibling, B, 1)];
        tenants.one.push_event_group(group, NO_FORCE).await.unwrap();
        assert_eq!(tenants.one.storage_id(), tenants.sibling.storage_id());
        assert_eq!(tenants.one.storage_id() == tenants.other.storage_id(), !isolated);
    }
    // Without a name, the schema of the connection is used.
    let schema = Schema::new().await;
    let options = format!("-c search_path={}", schema.name);
    let url = super::support::with(&url(), "options", &options);
    let unnamed = PostgresEventStorageAdapter::builder().isolated(true).connect(&url).await.unwrap();
    unnamed.create_event_table().await.unwrap();
    let named = schema.open(schema.builder().isolated(true)).await;
    assert_eq!(unnamed.storage_id(), named.storage_id());
    unnamed.push_event(STORE, event(A, 1), NO_FORCE).await.unwrap();
}

/// A transaction of the caller contains events of at most one isolated schema.
#[tokio::test]
async fn transaction_over_two_isolated_schemas_is_refused() {
    for isolated in [false, true] {
        let (one, other) = (Schema::new().await, Schema::new().await);
        let tenants = Isolated::new(&one, &other, isolated).await;
        let mut client = tenants.one.pool().get().await.unwrap();
        // In the second round, the adapters already know the definitions of all tables.
        for version in 1..=2 {
            let mut transaction = client.transaction().await.unwrap();
            {
                // A savepoint that is rolled back leaves no trace.
                let mut nested = transaction.transaction().await.unwrap();
                nested.push_in_transaction(vec![grouped(&tenants.other, B, 1)], NO_FORCE).await.unwrap();
                nested.rollback().await.unwrap();
            }
            for adapter in [&tenants.one, &tenants.sibling] {
                transaction.push_in_transaction(vec![grouped(adapter, A, version)], NO_FORCE).await.unwrap();
            }
            let pushed = transaction.push_in_transaction(vec![grouped(&tenants.other, A, version)], NO_FORCE).await;
            match pushed {
                Ok(_) => assert!(!isolated, "a transaction contains events of two isolated schemas"),
                Err(StorageError::TransactionSpansStorages { index: 0, event_store_id, stored_in, transaction_of }) => {
                    assert!(isolated);
                    assert_eq!(event_store_id, STORE);
                    assert!(stored_in.contains(&other.name) && transaction_of.contains(&one.name));
                }
                Err(error) => panic!("{error:?}"),
            }
            // The transaction continues after the refusal.
            transaction.push_in_transaction(vec![grouped(&tenants.one, B, version)], NO_FORCE).await.unwrap();
            transaction.commit().await.unwrap();
            let expected: Vec<u64> = (1..=version).collect();
            assert_eq!(versions(&tenants.one, B).await, expected);
            assert_eq!(versions(&tenants.other, A).await, if isolated { Vec::new() } else { expected });
        }
        // A conflict does not assign the transaction to a schema.
        let mut transaction = tenants.one.begin().await.unwrap();
        let taken = transaction.push_in_transaction(vec![grouped(&tenants.one, A, 1)], NO_FORCE).await;
        assert!(matches!(taken, Err(StorageError::EventAlreadyExists(_))), "{taken:?}");
        transaction.push_in_transaction(vec![grouped(&tenants.other, B, 1)], NO_FORCE).await.unwrap();
        transaction.commit().await.unwrap();
    }
}
