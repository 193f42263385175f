macro_rules! sqlx_inbox {
    () => {
        use castore_conformance::inbox::{
            FreshInbox, HandlerTransaction, InboxDatabase, InboxFactory, KitInboxError, TransactionEnd, effect,
        };
        use castore_postgres::{InboxError, PostgresInbox};

        /// Inboxes in separate schemas.
        struct Inboxes;

        struct Inbox(Schema);

        #[async_trait]
        impl InboxFactory for Inboxes {
            async fn fresh(&self) -> FreshInbox {
                let schema = Schema::new().await;
                schema.run("CREATE TABLE effect (effect TEXT)").await;
                FreshInbox::new(Inbox(schema))
            }

            fn capabilities(&self) -> Capabilities {
                Capabilities::full().max_version(i64::MAX as u64).without_nul_in_text().max_aggregate_id_len(2_400)
            }
        }

        impl Inbox {
            fn inbox(&self, consumer: &str) -> PostgresInbox {
                PostgresInbox::new(consumer).schema(&self.0.name).unwrap()
            }

            /// Returns a connection whose search path is the schema.
            async fn connect(&self) -> PgConnection {
                let mut connection = connection(self.0.url()).await;
                let sql = format!("SET search_path TO {}", quote(&self.0.name));
                connection.execute(text(&sql)).await.unwrap();
                connection
            }
        }

        fn converted(error: InboxError) -> KitInboxError {
            error.map_engine(std::io::Error::other)
        }

        #[async_trait]
        impl InboxDatabase for Inbox {
            async fn create_table(&self) {
                self.inbox("any").create_table_with_sqlx(&mut self.connect().await).await.unwrap();
            }

            async fn handle(&self, handler: HandlerTransaction) -> Result<Vec<bool>, KitInboxError> {
                let inbox = self.inbox(&handler.consumer);
                let mut connection = self.connect().await;
                let mut transaction = connection.begin().await.unwrap();
                let mut answers = Vec::new();
                for message in &handler.messages {
                    let first = inbox.first_time_with_sqlx(&mut transaction, &**message).await.map_err(converted)?;
                    if first {
                        let insert = sqlx::query("INSERT INTO effect VALUES ($1)").bind(effect(&**message));
                        insert.execute(&mut *transaction).await.unwrap();
                    }
                    answers.push(first);
                }
                match handler.end {
                    TransactionEnd::Commit => transaction.commit().await.unwrap(),
                    TransactionEnd::Rollback => transaction.rollback().await.unwrap(),
                }
                Ok(answers)
            }

            async fn effects(&self) -> Vec<String> {
                let mut connection = self.connect().await;
                sqlx::query_scalar("SELECT effect FROM effect").fetch_all(&mut connection).await.unwrap()
            }

            async fn forget_older_than(&self, consumer: &str, age: Duration) -> Result<u64, KitInboxError> {
                let mut connection = self.connect().await;
                self.inbox(consumer).forget_older_than_with_sqlx(&mut connection, age).await.map_err(converted)
            }

            async fn make_older(&self, age: Duration) {
                let update = format!(
                    "UPDATE castore_handled_message SET handled_at = handled_at - {} * interval '1 microsecond'",
                    age.as_micros()
                );
                self.connect().await.execute(text(&update)).await.unwrap();
            }
        }
    };
}
