use std::sync::Arc;
use std::time::Duration;

use castore_conformance::log::{FreshLog, LogCapabilities, LogFactory, LogHandle};
use castore_conformance::storage::Capabilities;
use castore_postgres::AggregateIdColumn;

use crate::conformance::Postgres;
use crate::support::{Schema, Via};

struct Logs(Postgres, Via);

#[castore_conformance::async_trait]
impl LogFactory for Logs {
    async fn fresh(&self) -> FreshLog {
        let schema = Schema::new().await.via(self.1);
        let builder = schema.builder().aggregate_id_column(self.0.column()).acquire_timeout(Duration::from_secs(60));
        let adapter = schema.created(builder.clone()).await;
        let url = schema.adapter_url();
        let other = move || {
            let (builder, url) = (builder.clone(), url.clone());
            async move {
                let adapter = Arc::new(builder.connect(&url).await.unwrap());
                LogHandle { storage: adapter.clone(), log: adapter }
            }
        };
        FreshLog::new(adapter).keeping(schema).another_handle(other)
    }

    fn capabilities(&self) -> Capabilities {
        castore_conformance::storage::StorageFactory::capabilities(&self.0)
    }

    fn log_capabilities(&self) -> LogCapabilities {
        match self.1 {
            Via::Direct => LogCapabilities::full(),
            Via::PgBouncer => LogCapabilities::full().without_wake_ups_across_handles(),
        }
    }
}

castore_conformance::log_conformance!(mod uuid, Logs(Postgres::with(AggregateIdColumn::Uuid), Via::Direct));
castore_conformance::log_conformance!(mod text, Logs(Postgres::with(AggregateIdColumn::Text), Via::Direct));
castore_conformance::log_conformance!(mod pgbouncer, Logs(Postgres::with(AggregateIdColumn::Text), Via::PgBouncer));
