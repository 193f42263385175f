//! sqlx: the conformance kits over its pools and its transactions, and tests specific to it. Macros generate the tests
//! of each version of sqlx under the same names.

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
mod tenants;
#[macro_use]
mod transactions;

/// Generates the tests of one version. The module must name the crate `sqlx`, and have a function `text`. `$module` is
/// the module of `castore_postgres::projection` with the projections of the version.
macro_rules! sqlx_tests {
    ($module:ident) => {
        sqlx_pool!();
        sqlx_storage!();
        sqlx_log!();
        sqlx_tenants!();
        sqlx_transactions!();
        sqlx_read_models!($module);
        sqlx_inbox!();

        castore_conformance::storage_conformance!(mod storage, Storages::with(AggregateIdColumn::Text));
        castore_conformance::log_conformance!(mod log, Logs(AggregateIdColumn::Uuid));
        castore_conformance::relay_storage_conformance!(mod relay, Relays);
        castore_conformance::snapshot_conformance!(mod snapshot, Snapshots);
        castore_conformance::transaction_conformance!(mod transaction, Transactions(Kind::Transaction, Via::Direct));
        castore_conformance::transaction_conformance!(mod connection, Transactions(Kind::Connection, Via::Direct));
        castore_conformance::transaction_conformance!(mod begin, Transactions(Kind::Begin, Via::Direct));
        castore_conformance::transaction_conformance!(mod pgbouncer, Transactions(Kind::Transaction, Via::PgBouncer));
        castore_conformance::read_model_conformance!(mod read_model, ReadModels);
        castore_conformance::inbox_conformance!(Inboxes);
    };
}

#[cfg(feature = "sqlx-0_8")]
mod v08 {
    use sqlx_08 as sqlx;

    fn text(sql: &str) -> &str {
        sql
    }

    sqlx_tests!(sqlx_0_8);
}

#[cfg(feature = "sqlx-0_9")]
mod v09 {
    use sqlx_09 as sqlx;
    use sqlx_09::{AssertSqlSafe, SqlSafeStr, SqlStr};

    fn text(sql: &str) -> SqlStr {
        AssertSqlSafe(sql).into_sql_str()
    }

    sqlx_tests!(sqlx_0_9);

    castore_conformance::storage_conformance!(mod uuid, Storages::with(AggregateIdColumn::Uuid));
}
