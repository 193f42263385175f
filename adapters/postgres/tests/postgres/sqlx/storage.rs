macro_rules! sqlx_storage {
    () => {
        use std::sync::Arc;

        use castore_conformance::async_trait;
        use castore_conformance::storage::{Capabilities, FreshStorage, StorageFactory};

        struct Storages(crate::conformance::Postgres);

        impl Storages {
            fn with(column: AggregateIdColumn) -> Self {
                Self(crate::conformance::Postgres::with(column))
            }
        }

        #[async_trait]
        impl StorageFactory for Storages {
            async fn fresh(&self) -> FreshStorage {
                let schema = Schema::in_database("kit", self.0.next_database().await).await;
                let builder = schema.builder().aggregate_id_column(self.0.column());
                let adapter = created(builder.clone(), schema.url()).await;
                let pool = adapter.pool().clone();
                FreshStorage::new(adapter).keeping(schema).reopened_by(move || {
                    let (builder, pool) = (builder.clone(), pool.clone());
                    async move { Arc::new(builder.from_pool(pool).await.unwrap()) as Arc<dyn EventStorageAdapter> }
                })
            }

            fn capabilities(&self) -> Capabilities {
                StorageFactory::capabilities(&self.0)
            }
        }

        /// The adapters of the group use different drivers, but their tables are in the same database.
        #[tokio::test]
        async fn group_may_have_adapters_of_both_drivers() {
            let schema = Schema::new().await;
            let native = schema.adapter().await;
            let other = created(schema.builder().table("other"), schema.url()).await;
            for version in [1, 2] {
                let mut group = vec![crate::support::grouped(&native, A, version), in_group(&other, A, version)];
                if version == 2 {
                    group.reverse();
                }
                group[0].adapter.clone().push_event_group(group, NO_FORCE).await.unwrap();
                assert_eq!((versions(&native, A).await.len() as u64, last(&other, A).await), (version, version));
            }
        }

        #[tokio::test]
        async fn server_error_has_the_error_of_sqlx() {
            let schema = Schema::new().await;
            let adapter = schema.builder().from_pool(pool(schema.url())).await.unwrap();
            let missing = adapter.push_event(STORE, event(A, 1), NO_FORCE).await.unwrap_err();
            let missing = castore_core::error::error_chain(&missing);
            assert!(missing.contains("does not exist"), "{missing}");
            adapter.create_event_table().await.unwrap();
            schema.run("ALTER TABLE event ADD CHECK (version < 2)").await;
            adapter.push_event(STORE, event(A, 1), NO_FORCE).await.unwrap();
            let refused = adapter.push_event(STORE, event(A, 2), NO_FORCE).await.unwrap_err();
            let castore_core::storage::StorageError::Engine(source) = &refused else { panic!("{refused:?}") };
            let error = source.downcast_ref::<castore_postgres::PostgresError>().unwrap();
            assert_eq!(error.code().unwrap().code(), "23514");
            assert!(error.driver().is_none());
            // The details of the server's error quote the row, so the error text must not contain the details.
            assert!(!error.to_string().contains(A), "{error}");
        }

        /// The server ends the connections of the pool.
        #[tokio::test]
        async fn reads_use_another_connection_after_a_restart() {
            let schema = Schema::new().await;
            let pool = PgPoolOptions::new()
                .max_connections(2)
                .test_before_acquire(false)
                .connect_with(options(schema.url()).application_name(&schema.name))
                .await
                .unwrap();
            let adapter = schema.builder().from_pool(pool.clone()).await.unwrap();
            adapter.create_event_table().await.unwrap();
            adapter.push_event(STORE, event(A, 1), NO_FORCE).await.unwrap();
            assert_eq!(last(&adapter, A).await, 1);
            let end = format!(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = '{}'",
                schema.name
            );
            schema.run(&end).await;
            assert_eq!(last(&adapter, A).await, 1);
            adapter.close();
            let closed = adapter.push_event(STORE, event(A, 2), NO_FORCE).await;
            assert!(matches!(closed, Err(castore_core::storage::StorageError::ShutDown)), "{closed:?}");
        }

        /// A dropped push is either stored or not, and its connection can be used again.
        #[tokio::test]
        async fn dropped_pushes_leave_no_transaction_open() {
            let schema = Schema::new().await;
            let pool = pool_of(schema.url(), 1);
            let adapter = schema.builder().from_pool(pool).await.unwrap();
            adapter.create_event_table().await.unwrap();
            for round in 0..200_u64 {
                let next = last(&adapter, A).await + 1;
                let push = adapter.push_event(STORE, event(A, next), NO_FORCE);
                let limit = Duration::from_micros(round * 10);
                drop(tokio::time::timeout(limit, push).await);
                assert!((next - 1..=next).contains(&last(&adapter, A).await));
            }
            let open: i64 = schema
                .value(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'
                        AND query LIKE '%castore%' AND xact_start < now() - interval '10 s'",
                )
                .await;
            assert_eq!(open, 0);
        }

        /// After a visitor has stopped early, the remaining rows are discarded before the connection is used again.
        #[tokio::test]
        async fn visit_may_end_early() {
            let schema = Schema::new().await;
            let adapter = schema.builder().from_pool(pool_of(schema.url(), 1)).await.unwrap();
            adapter.create_event_table().await.unwrap();
            let group = (1..=500).map(|version| in_group(&adapter, A, version)).collect();
            adapter.push_event_group(group, NO_FORCE).await.unwrap();
            for _ in 0..3 {
                let (sender, receiver) = std::sync::mpsc::channel();
                let visit = Box::new(move |event: castore_core::storage::RawEventRef<'_>| {
                    sender.send(event.version).unwrap();
                    std::ops::ControlFlow::Break(())
                });
                adapter.visit_events(STORE, A, Default::default(), visit).await.unwrap();
                assert_eq!(receiver.iter().collect::<Vec<_>>(), [1]);
                assert_eq!(last(&adapter, A).await, 500);
            }
        }
    };
}
