macro_rules! sqlx_read_models {
    ($module:ident) => {
        use std::collections::BTreeMap;

        use castore_conformance::read_model::{
            CountedEvent, ErasedStore, FreshReadModels, NAME, ReadModelDatabase, ReadModelFactory,
        };
        use castore_core::consumer::HandlerError;
        use castore_core::log::LogId;
        use castore_postgres::projection::$module::SqlxProjection;
        use castore_postgres::projection::{LiveReadModel, PostgresReadModels, ProjectionOptions, ReadModel, Tables};
        use castore_projection::engine::ReadModelRegistry;

        struct Counts<const VERSION: u32>;

        impl<const VERSION: u32> ReadModel for Counts<VERSION> {
            const NAME: &'static str = NAME;
            const VERSION: u32 = VERSION;
            type Event = CountedEvent;
        }

        impl<const VERSION: u32> SqlxProjection for Counts<VERSION> {
            async fn create(&self, connection: &mut PgConnection, tables: &Tables) -> Result<(), sqlx::Error> {
                let sql = format!("CREATE TABLE {tables} (aggregate TEXT PRIMARY KEY, events BIGINT NOT NULL)");
                connection.execute(text(&sql)).await.map(drop)
            }

            async fn apply(
                &self,
                connection: &mut PgConnection,
                tables: &Tables,
                event: &CountedEvent,
            ) -> Result<(), HandlerError> {
                let sql = format!(
                    "INSERT INTO {tables} AS counts VALUES ($1, 1)
                     ON CONFLICT (aggregate) DO UPDATE SET events = counts.events + 1"
                );
                sqlx::query(text(&sql)).bind(&event.aggregate_id).execute(connection).await?;
                event.outcome()
            }
        }

        struct ModelDatabase {
            models: PostgresReadModels<PgPool>,
            schema: Schema,
        }

        #[async_trait]
        impl ReadModelDatabase for ModelDatabase {
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

            fn live(&self, log: Arc<dyn castore_core::log::EventLog>) -> LiveReadModel {
                self.models.live(NAME, log)
            }

            fn registry(&self) -> Arc<dyn ReadModelRegistry> {
                Arc::new(self.models.clone())
            }

            async fn drop_version(&self, version: u32) {
                assert!(self.models.drop_version(NAME, version).await.unwrap());
            }
        }

        struct ReadModels;

        #[async_trait]
        impl ReadModelFactory for ReadModels {
            async fn fresh(&self) -> FreshReadModels {
                let schema = Schema::new().await;
                let models = schema.builder().from_pool(pool(schema.url())).await.unwrap().read_models();
                FreshReadModels::new(ModelDatabase { models, schema })
            }
        }

        /// A projection whose handler fails in a different way in each attempt, mostly with errors of the database.
        struct Failing {
            attempts: Arc<std::sync::atomic::AtomicU32>,
        }

        impl ReadModel for Failing {
            const NAME: &'static str = "failing";
            const VERSION: u32 = 1;
            type Event = crate::projection::Happened;
        }

        impl SqlxProjection for Failing {
            async fn create(&self, connection: &mut PgConnection, tables: &Tables) -> Result<(), sqlx::Error> {
                let sql = format!("CREATE TABLE {tables} (events BIGINT NOT NULL); INSERT INTO {tables} VALUES (0)");
                connection.execute(text(&sql)).await.map(drop)
            }

            async fn apply(
                &self,
                connection: &mut PgConnection,
                tables: &Tables,
                _: &crate::projection::Happened,
            ) -> Result<(), HandlerError> {
                let attempt = self.attempts.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                match attempt {
                    // Outages: the projection retries them, and they park nothing.
                    0 => {
                        connection.execute("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$").await?;
                    }
                    1 => {
                        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())").await?;
                        connection.execute("SELECT 1").await?;
                    }
                    2 => panic!("as it was told"),
                    3 => {
                        connection.execute("SELECT 1 / 0").await?;
                    }
                    _ => {}
                }
                let sql = format!("UPDATE {tables} SET events = events + 1");
                connection.execute(text(&sql)).await?;
                Ok(())
            }
        }

        #[tokio::test]
        async fn projection_continues_after_failures() {
            let schema = Schema::new().await;
            let adapter = created(schema.builder(), schema.url()).await;
            for version in 1..=3 {
                adapter.push_event(STORE, event(A, version), NO_FORCE).await.unwrap();
            }
            let attempts = Arc::default();
            let options = ProjectionOptions::default()
                .attempts(20)
                .poll_interval(Duration::from_millis(20))
                .backoff(Duration::from_millis(5), Duration::from_millis(20));
            let running = adapter
                .read_models()
                .start(Failing { attempts: Arc::clone(&attempts) }, adapter.clone(), options)
                .await
                .unwrap();
            let read = format!("SELECT events FROM {}.failing", quote(&schema.name));
            tokio::time::timeout(Duration::from_secs(30), async {
                while schema.value::<i64>(&read).await != 3 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            })
            .await
            .unwrap();
            assert_eq!(adapter.read_models().parked("failing", 1).await.unwrap().len(), 0);
            running.shutdown().await.unwrap();
        }
    };
}
