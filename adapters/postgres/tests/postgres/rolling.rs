//! Rolling deployments on one database.

use castore_conformance::rolling::{InProcessBroker, RollingFactory, World};
use castore_postgres::AggregateIdColumn;

use super::support::Schema;

/// The pods of a simulated deployment. Each pod has its own pool of connections, like a separate process.
struct Pods;

#[castore_conformance::async_trait]
impl RollingFactory for Pods {
    type Broker = InProcessBroker;

    async fn fresh(&self) -> World<InProcessBroker> {
        let schema = Schema::new().await;
        let builder = schema.builder().aggregate_id_column(AggregateIdColumn::Text);
        schema.created(builder.clone()).await;
        let url = schema.adapter_url();
        let open = move || {
            let (builder, url) = (builder.clone(), url.clone());
            async move { builder.connect(&url).await.unwrap() }
        };
        World::new(InProcessBroker::default(), open).keeping(schema)
    }
}

castore_conformance::rolling_conformance!(Pods);
