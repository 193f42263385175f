use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use castore_conformance::storage::{AggregateIds, Capabilities, FreshStorage, StorageFactory};
use castore_core::storage::EventStorageAdapter;
use castore_core::time::Timestamp;
use castore_postgres::AggregateIdColumn;

use super::support::{Schema, Via, connect, url, with};

/// The names of the test databases. All adapters of one database count as one storage, but the test kit needs different
/// storages. Therefore the schemas alternate between two databases.
pub(crate) const DATABASES: [&str; 2] = ["castore_conformance_0", "castore_conformance_1"];

pub(crate) struct Postgres {
    column: AggregateIdColumn,
    via: Via,
    made: AtomicUsize,
}

impl Postgres {
    pub(crate) fn with(column: AggregateIdColumn) -> Self {
        Self { column, via: Via::Direct, made: AtomicUsize::new(0) }
    }

    pub(crate) fn via(self, via: Via) -> Self {
        Self { via, ..self }
    }

    pub(crate) fn column(&self) -> AggregateIdColumn {
        self.column
    }

    pub(crate) async fn next_database(&self) -> String {
        database(DATABASES[self.made.fetch_add(1, Ordering::Relaxed) % DATABASES.len()]).await
    }
}

/// Returns the URL of a database, and creates the database if necessary.
pub(crate) async fn database(name: &str) -> String {
    let client = connect(&url()).await;
    // Many tests may create the database at the same time.
    client.batch_execute("SELECT pg_advisory_lock(7264193)").await.unwrap();
    let there = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.unwrap();
    if there.is_none() {
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    }
    with(&url(), "dbname", name)
}

#[castore_conformance::async_trait]
impl StorageFactory for Postgres {
    async fn fresh(&self) -> FreshStorage {
        let schema = Schema::in_database("kit", self.next_database().await).await.via(self.via);
        let builder = schema.builder().aggregate_id_column(self.column).pool_size(8);
        let adapter = schema.created(builder.clone()).await;
        let url = schema.adapter_url();
        FreshStorage::new(adapter).keeping(schema).reopened_by(move || {
            let (builder, url) = (builder.clone(), url.clone());
            async move { Arc::new(builder.connect(&url).await.unwrap()) as Arc<dyn EventStorageAdapter> }
        })
    }

    fn capabilities(&self) -> Capabilities {
        let moment = |text: &str| text.parse::<Timestamp>().unwrap();
        let capabilities = Capabilities::full()
            .max_event_store_id_len(32)
            .max_event_type_len(64)
            .max_version(i64::MAX as u64)
            .timestamps(moment("-004713-11-24T00:00:00.000Z"), moment("+262000-01-01T00:00:00.000Z"))
            .without_nul_in_text()
            .without_nul_in_json()
            .without_lone_surrogates_in_json()
            .json_null_is_absent()
            .json_by_value()
            .property_cases(16);
        match self.column {
            AggregateIdColumn::Uuid => capabilities.aggregate_ids(AggregateIds::Uuid),
            AggregateIdColumn::Varchar(length) => capabilities.max_aggregate_id_len(length as usize),
            // The size of an incompressible id that fits into the key's index.
            _ => capabilities.max_aggregate_id_len(2_000),
        }
    }
}

castore_conformance::storage_conformance!(mod uuid, Postgres::with(AggregateIdColumn::Uuid));
castore_conformance::storage_conformance!(mod varchar, Postgres::with(AggregateIdColumn::Varchar(64)));
castore_conformance::storage_conformance!(mod text, Postgres::with(AggregateIdColumn::Text));
castore_conformance::storage_conformance!(
    mod pgbouncer,
    Postgres::with(AggregateIdColumn::Uuid).via(Via::PgBouncer)
);
