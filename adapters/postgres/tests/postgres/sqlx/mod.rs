//! sqlx: the conformance kits over its pools and its transactions, and tests specific to it. A macro writes the tests of
//! each version, whose names are the same.

#[macro_use]
mod inbox;
#[macro_use]
mod log;
#[macro_use]
mod pool;
#[macro_use]
mod read_models;
#[macro_use]
mod storage;
#[macro_use]
mod transactions;

/// Transactions and the storage of events.
#[cfg(feature = "sqlx-0_8")]
mod v08 {
    use sqlx_08 as sqlx;

    fn text(sql: &str) -> &str {
        sql
    }

    sqlx_pool!();
    sqlx_storage!();
    sqlx_transactions!();
    sqlx_read_models!(sqlx_0_8);

    castore_conformance::storage_conformance!(mod storage, Storages::with(AggregateIdColumn::Text));
    castore_conformance::transaction_conformance!(mod transaction, Transactions(Kind::Transaction, Via::Direct));
    castore_conformance::transaction_conformance!(mod connection, Transactions(Kind::Connection, Via::Direct));
    castore_conformance::transaction_conformance!(mod begin, Transactions(Kind::Begin, Via::Direct));
    castore_conformance::read_model_conformance!(mod read_model, ReadModels);
}

/// Everything.
#[cfg(feature = "sqlx-0_9")]
mod v09 {
    use sqlx_09 as sqlx;
    use sqlx_09::{AssertSqlSafe, SqlSafeStr, SqlStr};

    fn text(sql: &str) -> SqlStr {
        AssertSqlSafe(sql).into_sql_str()
    }

    sqlx_pool!();
    sqlx_storage!();
    sqlx_log!();
    sqlx_transactions!();
    sqlx_read_models!(sqlx_0_9);
    sqlx_inbox!();

    castore_conformance::storage_conformance!(mod uuid, Storages::with(AggregateIdColumn::Uuid));
    castore_conformance::storage_conformance!(mod text_ids, Storages::with(AggregateIdColumn::Text));
    castore_conformance::log_conformance!(mod log, Logs(AggregateIdColumn::Uuid));
    castore_conformance::relay_storage_conformance!(mod relay, Relays);
    castore_conformance::snapshot_conformance!(mod snapshot, Snapshots);
    castore_conformance::transaction_conformance!(mod transaction, Transactions(Kind::Transaction, Via::Direct));
    castore_conformance::transaction_conformance!(mod connection, Transactions(Kind::Connection, Via::Direct));
    castore_conformance::transaction_conformance!(mod begin, Transactions(Kind::Begin, Via::Direct));
    castore_conformance::transaction_conformance!(mod pgbouncer, Transactions(Kind::Transaction, Via::PgBouncer));
    castore_conformance::read_model_conformance!(mod read_model, ReadModels);
    castore_conformance::inbox_conformance!(Inboxes);
}
