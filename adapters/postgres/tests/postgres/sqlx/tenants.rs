macro_rules! sqlx_tenants {
    () => {
        use crate::tenants::Tenants;

        /// The number of connections is the size of the pool plus one, however many tenants there are.
        #[tokio::test(flavor = "multi_thread")]
        async fn tenants_share_one_connection_beside_the_pool() {
            let tenants = Tenants::new(20).await;
            let options = options(tenants.first.url()).application_name(&tenants.first.name);
            let pool = PgPoolOptions::new().max_connections(4).acquire_timeout(Duration::from_secs(60));
            let pool = pool.connect_lazy_with(options);
            let database = tenants.first.builder().from_pool(pool).await.unwrap();
            let adapters = tenants.adapters(&database).await;
            tenants.work_at_once(&adapters, 5).await;
            drop((adapters, database));
            tenants.drop_schemas().await;
        }

        /// A transaction contains events of at most one isolated schema.
        #[tokio::test]
        async fn transaction_over_two_isolated_schemas_is_refused() {
            let (one, other) = (Schema::new().await, Schema::new().await);
            let first = created(one.builder().isolated(true), one.url()).await;
            let second = first.for_schema(&other.name).unwrap();
            second.create_event_table().await.unwrap();
            let mut transaction = first.pool().begin().await.unwrap();
            transaction.push_in_transaction(vec![in_group(&first, A, 1)], NO_FORCE).await.unwrap();
            let refused = transaction.push_in_transaction(vec![in_group(&second, A, 1)], NO_FORCE).await;
            assert!(matches!(refused, Err(StorageError::TransactionSpansStorages { .. })), "{refused:?}");
            let group = vec![in_group(&first, B, 1), in_group(&second, B, 1)];
            let refused = transaction.push_in_transaction(group, NO_FORCE).await;
            assert!(matches!(refused, Err(StorageError::GroupSpansStorages { index: 1, .. })), "{refused:?}");
            transaction.commit().await.unwrap();
            // The connection keeps no trace of the transaction.
            let mut transaction = first.pool().begin().await.unwrap();
            transaction.push_in_transaction(vec![in_group(&second, A, 1)], NO_FORCE).await.unwrap();
            transaction.commit().await.unwrap();
            assert_eq!((last(&first, A).await, last(&second, A).await, last(&first, B).await), (1, 1, 0));
        }
    };
}
