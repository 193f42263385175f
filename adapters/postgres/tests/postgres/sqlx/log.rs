macro_rules! sqlx_log {
    () => {
        use castore_conformance::log::{FreshLog, LogCapabilities, LogFactory};
        use castore_conformance::relay_storage::{FreshRelayStorage, RelayStorageFactory};
        use castore_conformance::snapshot::{FreshSnapshots, SnapshotFactory};
        use castore_core::log::EventLog;
        use castore_core::relay::RelayStorageAdapter;
        use castore_core::snapshot::SnapshotAdapter;

        struct Logs(AggregateIdColumn);

        #[async_trait]
        impl LogFactory for Logs {
            async fn fresh(&self) -> FreshLog {
                let schema = Schema::new().await;
                let builder = schema.builder().aggregate_id_column(self.0);
                let adapter = created(builder.clone(), schema.url()).await;
                let url = schema.url().to_owned();
                // The other handle has another pool, so its pushes arrive as notifications.
                let other = move || {
                    let (builder, pool) = (builder.clone(), pool(&url));
                    async move {
                        let adapter = Arc::new(builder.from_pool(pool).await.unwrap());
                        castore_conformance::log::LogHandle { storage: adapter.clone(), log: adapter }
                    }
                };
                FreshLog::new(adapter).keeping(schema).another_handle(other)
            }

            fn capabilities(&self) -> Capabilities {
                StorageFactory::capabilities(&Storages::with(self.0))
            }

            fn log_capabilities(&self) -> LogCapabilities {
                LogCapabilities::full()
            }
        }

        struct Relays;

        #[async_trait]
        impl RelayStorageFactory for Relays {
            async fn fresh(&self) -> FreshRelayStorage {
                let schema = Schema::new().await;
                let builder = schema.builder();
                let adapter = created(builder.clone(), schema.url()).await;
                let log_id = adapter.log_id().await.unwrap();
                let url = schema.url().to_owned();
                FreshRelayStorage::new(adapter).keeping(schema).kept_with(log_id).another_handle(move || {
                    let (builder, pool) = (builder.clone(), pool(&url));
                    async move { Arc::new(builder.from_pool(pool).await.unwrap()) as Arc<dyn RelayStorageAdapter> }
                })
            }
        }

        struct Snapshots;

        #[async_trait]
        impl SnapshotFactory for Snapshots {
            async fn fresh(&self) -> FreshSnapshots {
                let schema = Schema::new().await;
                let builder = schema.builder();
                let adapter = created(builder.clone(), schema.url()).await;
                let url = schema.url().to_owned();
                FreshSnapshots::new(adapter).keeping(schema).another_handle(move || {
                    let (builder, pool) = (builder.clone(), pool(&url));
                    async move { Arc::new(builder.from_pool(pool).await.unwrap()) as Arc<dyn SnapshotAdapter> }
                })
            }

            fn capabilities(&self) -> Capabilities {
                // The size of an incompressible id that fits into the key's index.
                Capabilities::full().max_version(i64::MAX as u64).max_aggregate_id_len(2_000)
            }
        }

        /// The listener has its own connection, which is opened again if the server closes it.
        #[tokio::test]
        async fn readers_are_woken_after_the_listener_lost_its_connection() {
            let schema = Schema::new().await;
            let pool = PgPoolOptions::new()
                .max_connections(2)
                .connect_lazy_with(options(schema.url()).application_name(&schema.name));
            let adapter = schema.builder().from_pool(pool).await.unwrap();
            adapter.create_event_table().await.unwrap();
            let other = schema.adapter().await;
            let mut wake_ups = adapter.wake_ups().await;
            let listening =
                format!("FROM pg_stat_activity WHERE application_name = '{}' AND query ILIKE 'LISTEN%'", schema.name);
            for version in 1..=3 {
                let mut waited = 0;
                while schema.value::<i64>(&format!("SELECT count(*) {listening}")).await != 1 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    waited += 1;
                    assert!(waited < 4_000, "the listener does not connect");
                }
                schema.run(&format!("SELECT pg_terminate_backend(pid, 10000) {listening}")).await;
                while tokio::time::timeout(Duration::from_millis(1), wake_ups.next()).await.is_ok() {}
                crate::support::push(&other, A, version).await.unwrap();
                tokio::time::timeout(Duration::from_secs(20), wake_ups.next()).await.unwrap();
            }
        }

        /// A transaction of sqlx notifies the readers of other processes, if the option is set.
        #[tokio::test]
        async fn transactions_notify_if_the_option_is_set() {
            let schema = Schema::new().await;
            let adapter = created(schema.builder().notify_within(true), schema.url()).await;
            let other = schema.adapter().await;
            let mut wake_ups = other.wake_ups().await;
            while tokio::time::timeout(Duration::from_millis(200), wake_ups.next()).await.is_ok() {}
            let mut transaction = adapter.pool().begin().await.unwrap();
            transaction.push_in_transaction(vec![in_group(&adapter, A, 1)], NO_FORCE).await.unwrap();
            let early = tokio::time::timeout(Duration::from_millis(300), wake_ups.next()).await;
            assert!(early.is_err(), "the reader was woken before the commit");
            transaction.commit().await.unwrap();
            tokio::time::timeout(Duration::from_secs(20), wake_ups.next()).await.unwrap();
        }
    };
}
