use std::collections::BTreeMap;
use std::sync::Arc;

use castore_conformance::async_trait;
use castore_conformance::read_model::{
    CountedEvent, ErasedStore, FreshReadModels, NAME, ReadModelDatabase, ReadModelFactory,
};
use castore_core::consumer::HandlerError;
use castore_core::log::{EventLog, LogId};
use castore_postgres::projection::{
    LiveReadModel, PostgresProjection, PostgresReadModels, ReadModel, Tables, Transaction,
};
use castore_postgres::tokio_postgres::Error;
use castore_postgres::tokio_postgres::types::Type;
use castore_projection::engine::ReadModelRegistry;

use crate::support::{Schema, Via, connect, quote};

struct Counts<const VERSION: u32>;

impl<const VERSION: u32> ReadModel for Counts<VERSION> {
    const NAME: &'static str = NAME;
    const VERSION: u32 = VERSION;
    type Event = CountedEvent;
}

impl<const VERSION: u32> PostgresProjection for Counts<VERSION> {
    async fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> Result<(), Error> {
        let sql = format!("CREATE TABLE {tables} (aggregate TEXT PRIMARY KEY, events BIGINT NOT NULL)");
        transaction.batch_execute(&sql).await
    }

    async fn apply(
        &self,
        transaction: &Transaction<'_>,
        tables: &Tables,
        event: &CountedEvent,
    ) -> Result<(), HandlerError> {
        let sql = format!(
            "INSERT INTO {tables} AS counts VALUES ($1, 1) ON CONFLICT (aggregate) DO UPDATE SET events = counts.events + 1"
        );
        // Behind PgBouncer, a prepared statement may be in another session.
        transaction.execute_typed(&sql, &[(&event.aggregate_id, Type::TEXT)]).await?;
        event.outcome()
    }
}

struct PostgresDatabase {
    models: PostgresReadModels,
    schema: Schema,
}

#[async_trait]
impl ReadModelDatabase for PostgresDatabase {
    async fn open(&self, version: u32, log: &LogId) -> Box<dyn ErasedStore> {
        match version {
            1 => Box::new(self.models.__store(Counts::<1>, log).await.unwrap()),
            _ => Box::new(self.models.__store(Counts::<2>, log).await.unwrap()),
        }
    }

    async fn read(&self) -> BTreeMap<String, u64> {
        let client = connect(self.schema.url()).await;
        let sql = format!("SELECT aggregate, events FROM {}.{NAME}", quote(&self.schema.name));
        let rows = client.query(&sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), u64::try_from(row.get::<_, i64>(1)).unwrap())).collect()
    }

    fn live(&self, log: Arc<dyn EventLog>) -> LiveReadModel {
        self.models.live(NAME, log)
    }

    fn registry(&self) -> Arc<dyn ReadModelRegistry> {
        Arc::new(self.models.clone())
    }

    async fn drop_version(&self, version: u32) {
        assert!(self.models.drop_version(NAME, version).await.unwrap());
    }
}

struct Postgres(Via);

#[async_trait]
impl ReadModelFactory for Postgres {
    async fn fresh(&self) -> FreshReadModels {
        let schema = Schema::new().await.via(self.0);
        let models = schema.builder().pool_size(8).connect(&schema.adapter_url()).await.unwrap().read_models();
        FreshReadModels::new(PostgresDatabase { models, schema })
    }
}

castore_conformance::read_model_conformance!(mod direct, Postgres(Via::Direct));
castore_conformance::read_model_conformance!(mod pgbouncer, Postgres(Via::PgBouncer));
