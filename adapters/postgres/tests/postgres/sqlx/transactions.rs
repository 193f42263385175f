macro_rules! sqlx_transactions {
    () => {
        use castore_conformance::log::LogHandle;
        use castore_conformance::transactions::{
            FreshTransactions, KitEnd, KitPushResult, KitTransaction, TransactionDatabase, TransactionFactory,
        };
        use castore_core::storage::{PushTransaction, ReadTransaction, StorageError};

        /// The kind of transactions in which the kit pushes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Kind {
            /// A `Transaction` of the pool of the adapter.
            Transaction,
            /// A separate `PgConnection` with an open transaction.
            Connection,
            /// A transaction that the adapter of the pool begins.
            Begin,
        }

        struct Transactions(Kind, Via);

        struct Database {
            kind: Kind,
            /// The storage of the pushed events, which has the native driver.
            adapter: PostgresEventStorageAdapter,
            pool: PgPool,
            schema: Schema,
            rows: String,
        }

        #[async_trait]
        impl TransactionFactory for Transactions {
            async fn fresh(&self) -> FreshTransactions {
                let schema = Schema::named("transactions").await.via(self.1);
                let adapter = schema.created(schema.builder()).await;
                let rows = format!("{}.own", quote(&schema.name));
                schema.run(&format!("CREATE TABLE {rows} (row TEXT NOT NULL)")).await;
                let pool = pool(&schema.adapter_url());
                FreshTransactions::new(Database { kind: self.0, adapter, pool, schema, rows })
            }

            fn capabilities(&self) -> Capabilities {
                StorageFactory::capabilities(&Storages::with(AggregateIdColumn::Uuid))
            }
        }

        /// A transaction in which the kit can insert rows.
        trait WithRows:
            PushTransaction<castore_postgres::PostgresTransactions>
            + ReadTransaction<castore_postgres::PostgresTransactions>
        {
            fn connection(&mut self) -> &mut PgConnection;
        }

        impl WithRows for sqlx::Transaction<'_, sqlx::Postgres> {
            fn connection(&mut self) -> &mut PgConnection {
                self
            }
        }

        impl WithRows for PgConnection {
            fn connection(&mut self) -> &mut PgConnection {
                self
            }
        }

        impl WithRows for castore_postgres::PostgresTransaction<PgPool> {
            fn connection(&mut self) -> &mut PgConnection {
                self
            }
        }

        impl Database {
            async fn execute(
                &self,
                transaction: &mut impl WithRows,
                kit: KitTransaction,
            ) -> Result<Vec<KitPushResult>, StorageError> {
                let mut results = Vec::new();
                for push in kit.pushes {
                    let result = transaction.push_in_transaction(push.events, push.options).await;
                    match &result {
                        Ok(_) => {
                            let insert = format!("INSERT INTO {} VALUES ('{}')", self.rows, push.row);
                            transaction.connection().execute(text(&insert)).await.unwrap();
                        }
                        Err(StorageError::TransactionLost(_)) => return result.map(|_| Vec::new()),
                        Err(_) => {}
                    }
                    results.push(result);
                }
                for read in kit.reads {
                    read.run(transaction).await?;
                }
                if let Some(pause) = kit.pause {
                    pause.wait().await;
                }
                Ok(results)
            }
        }

        #[async_trait]
        impl TransactionDatabase for Database {
            fn handle(&self) -> LogHandle {
                LogHandle::new(self.adapter.clone())
            }

            async fn run(&self, kit: KitTransaction) -> Result<Vec<KitPushResult>, StorageError> {
                let end = kit.end;
                match self.kind {
                    Kind::Transaction => {
                        let mut transaction = self.pool.begin().await.unwrap();
                        let results = self.execute(&mut transaction, kit).await?;
                        match end {
                            KitEnd::Commit => transaction.commit().await.unwrap(),
                            KitEnd::Rollback => transaction.rollback().await.unwrap(),
                            KitEnd::Drop => drop(transaction),
                        }
                        Ok(results)
                    }
                    Kind::Begin => {
                        let adapter = self.schema.builder().from_pool(self.pool.clone()).await.unwrap();
                        let mut transaction = adapter.begin().await?;
                        let results = self.execute(&mut transaction, kit).await?;
                        match end {
                            KitEnd::Commit => transaction.commit().await?,
                            KitEnd::Rollback => transaction.rollback().await?,
                            KitEnd::Drop => drop(transaction),
                        }
                        Ok(results)
                    }
                    Kind::Connection => {
                        let mut connection = connection(&self.schema.adapter_url()).await;
                        connection.execute("BEGIN").await.unwrap();
                        let results = self.execute(&mut connection, kit).await?;
                        match end {
                            KitEnd::Commit => drop(connection.execute("COMMIT").await.unwrap()),
                            KitEnd::Rollback => drop(connection.execute("ROLLBACK").await.unwrap()),
                            KitEnd::Drop => drop(connection),
                        }
                        Ok(results)
                    }
                }
            }

            async fn rows(&self) -> Vec<String> {
                let rows = self.schema.client.query(&format!("SELECT row FROM {}", self.rows), &[]).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }

        /// The server confirms the commit of a failed transaction, although it rolls the transaction back. The `commit`
        /// of sqlx then returns `Ok`, too.
        #[tokio::test]
        async fn commit_of_a_failed_transaction_is_an_error() {
            let schema = Schema::new().await;
            let adapter = created(schema.builder(), schema.url()).await;
            let mut transaction = adapter.begin().await.unwrap();
            transaction.push_in_transaction(vec![in_group(&adapter, A, 1)], NO_FORCE).await.unwrap();
            transaction.execute("SELECT 1 / 0").await.unwrap_err();
            let committed = transaction.commit().await;
            assert!(matches!(committed, Err(StorageError::TransactionLost(_))), "{committed:?}");
            assert_eq!(last(&adapter, A).await, 0);
        }

        /// The connection is lost before the commit is sent, so nothing is stored.
        #[tokio::test]
        async fn commit_over_a_lost_connection_is_an_error() {
            let schema = Schema::new().await;
            let adapter = created(schema.builder(), schema.url()).await;
            let mut transaction = adapter.begin().await.unwrap();
            let process: i32 =
                sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *transaction).await.unwrap();
            transaction.push_in_transaction(vec![in_group(&adapter, A, 1)], NO_FORCE).await.unwrap();
            schema.run(&format!("SELECT pg_terminate_backend({process}, 10000)")).await;
            let committed = transaction.commit().await;
            assert!(matches!(committed, Err(StorageError::TransactionLost(_))), "{committed:?}");
            assert_eq!(last(&adapter, A).await, 0);
        }

        #[tokio::test]
        async fn commit_wakes_readers_of_the_log() {
            use castore_core::log::EventLog as _;

            let schema = Schema::new().await;
            let adapter = created(schema.builder(), schema.url()).await;
            let mut wake_ups = adapter.wake_ups().await;
            let mut transaction = adapter.begin().await.unwrap();
            transaction.push_in_transaction(vec![in_group(&adapter, A, 1)], NO_FORCE).await.unwrap();
            transaction.commit().await.unwrap();
            tokio::time::timeout(Duration::from_secs(20), wake_ups.next()).await.unwrap();
        }

        /// The definition of the table is read in the session of the transaction, because there is no other connection.
        #[tokio::test]
        async fn pool_of_one_connection_is_enough() {
            let schema = Schema::new().await;
            schema.adapter().await;
            let adapter = schema.builder().from_pool(pool_of(schema.url(), 1)).await.unwrap();
            let mut transaction = adapter.pool().begin().await.unwrap();
            transaction.push_in_transaction(vec![in_group(&adapter, A, 1)], NO_FORCE).await.unwrap();
            transaction.commit().await.unwrap();
            assert_eq!(last(&adapter, A).await, 1);
        }

        /// Without a transaction, the events would be committed immediately.
        #[tokio::test]
        async fn connection_without_a_transaction_is_rejected() {
            let schema = Schema::new().await;
            let adapter = schema.adapter().await;
            let mut connection = connection(schema.url()).await;
            for _ in 0..2 {
                let group = vec![crate::support::grouped(&adapter, A, 1)];
                let rejected = connection.push_in_transaction(group, NO_FORCE).await.unwrap_err();
                assert!(matches!(rejected, StorageError::Engine(_)), "{rejected:?}");
                let rejected = castore_core::error::error_chain(&rejected);
                assert!(rejected.contains("no open transaction"), "{rejected}");
                assert_eq!(versions(&adapter, A).await, Vec::<u64>::new());
                // The adapter knows its table from here on.
            }
            // A nested transaction of sqlx is a savepoint.
            let mut transaction = connection.begin().await.unwrap();
            let mut nested = transaction.begin().await.unwrap();
            let group = vec![crate::support::grouped(&adapter, A, 1)];
            nested.push_in_transaction(group, NO_FORCE).await.unwrap();
            nested.rollback().await.unwrap();
            let group = vec![crate::support::grouped(&adapter, C, 1)];
            transaction.push_in_transaction(group, NO_FORCE).await.unwrap();
            transaction.commit().await.unwrap();
            assert_eq!(versions(&adapter, A).await, Vec::<u64>::new());
            assert_eq!(versions(&adapter, C).await, [1]);
        }

        /// The other database has a table of the same name. The push is rejected both before and after the adapter has
        /// read the definition of its own table.
        #[tokio::test]
        async fn transaction_of_another_database_is_rejected() {
            let here = Schema::in_database("here", database(DATABASES[0]).await).await;
            let there = Schema::in_database("here", database(DATABASES[1]).await).await;
            there.adapter().await;
            here.adapter().await;
            let adapter = here.builder().from_pool(pool(here.url())).await.unwrap();
            let mut connection = connection(there.url()).await;
            for _ in 0..2 {
                let mut transaction = connection.begin().await.unwrap();
                let ignore = Box::new(|_: castore_core::storage::RawEventRef<'_>| std::ops::ControlFlow::Continue(()));
                let read = transaction.visit_in_transaction(&adapter, STORE, A, Default::default(), ignore).await;
                assert!(matches!(read, Err(StorageError::ReadInOtherStorage { .. })), "{read:?}");
                let rejected = transaction.push_in_transaction(vec![in_group(&adapter, A, 1)], NO_FORCE).await;
                assert!(matches!(rejected, Err(StorageError::OtherStorage { index: 0, .. })), "{rejected:?}");
                transaction.execute("SELECT 1").await.unwrap();
                transaction.commit().await.unwrap();
                assert_eq!(last(&adapter, A).await, 0);
            }
        }

        /// In Postgres, a failed statement fails the whole transaction, and the commit then rolls back without an error.
        /// A rejected push must not have this effect.
        #[tokio::test]
        async fn transaction_continues_after_a_rejected_push() {
            let schema = Schema::new().await;
            let adapter = created(schema.builder(), schema.url()).await;
            let mut transaction = adapter.pool().begin().await.unwrap();
            let mut nul = in_group(&adapter, A, 1);
            nul.event.payload = Some(serde_json::value::RawValue::from_string(r#""\u0000""#.to_owned()).unwrap());
            let rejected = transaction.push_in_transaction(vec![nul], NO_FORCE).await;
            assert!(matches!(rejected, Err(StorageError::Unsupported { .. })), "{rejected:?}");
            transaction.push_in_transaction(vec![in_group(&adapter, A, 1)], NO_FORCE).await.unwrap();
            let conflict = vec![in_group(&adapter, B, 1), in_group(&adapter, A, 1)];
            assert_conflict(transaction.push_in_transaction(conflict, NO_FORCE).await, A, 1);
            transaction.commit().await.unwrap();
            assert_eq!((last(&adapter, A).await, last(&adapter, B).await), (1, 0));
        }

        #[tokio::test]
        async fn serialization_failure_loses_the_transaction() {
            let schema = Schema::new().await;
            let adapter = created(schema.builder(), schema.url()).await;
            let mut transaction = adapter.pool().begin().await.unwrap();
            transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await.unwrap();
            let read = format!("SELECT 1 FROM {}.event LIMIT 1", quote(&schema.name));
            transaction.execute(text(&read)).await.unwrap();
            adapter.push_event(STORE, event(A, 1), NO_FORCE).await.unwrap();
            for id in [A, B] {
                let lost = transaction.push_in_transaction(vec![in_group(&adapter, id, 1)], NO_FORCE).await;
                assert!(matches!(lost, Err(StorageError::TransactionLost(_))), "{lost:?}");
            }
            transaction.rollback().await.unwrap();
        }

        /// Nothing is stored before the commit, so the outcome is known.
        #[tokio::test]
        async fn lost_connection_loses_the_transaction() {
            let schema = Schema::new().await;
            let adapter = created(schema.builder(), schema.url()).await;
            let mut connection = connection(schema.url()).await;
            let mut transaction = connection.begin().await.unwrap();
            let process: i32 =
                sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *transaction).await.unwrap();
            transaction.push_in_transaction(vec![in_group(&adapter, A, 1)], NO_FORCE).await.unwrap();
            schema.run(&format!("SELECT pg_terminate_backend({process}, 10000)")).await;
            let lost = transaction.push_in_transaction(vec![in_group(&adapter, B, 1)], NO_FORCE).await;
            assert!(matches!(lost, Err(StorageError::TransactionLost(_))), "{lost:?}");
            assert_eq!(last(&adapter, A).await, 0);
        }

        /// The adapter does not use its cached last version after a transaction of the same process has left a gap.
        #[tokio::test]
        async fn gap_of_a_transaction_is_seen_by_ordinary_pushes() {
            let schema = Schema::new().await;
            let adapter = created(schema.builder(), schema.url()).await;
            adapter.push_event(STORE, event(C, 1), NO_FORCE).await.unwrap();
            let mut transaction = adapter.pool().begin().await.unwrap();
            transaction.push_in_transaction(vec![in_group(&adapter, C, 5)], ALLOW_GAP).await.unwrap();
            transaction.commit().await.unwrap();
            let gap = adapter.push_event(STORE, event(C, 2), NO_FORCE).await;
            assert!(matches!(gap, Err(StorageError::VersionGap(_))), "{gap:?}");
        }
    };
}
