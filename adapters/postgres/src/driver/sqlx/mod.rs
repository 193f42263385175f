//! The drivers for the supported versions of sqlx. All versions use the same names, so a macro generates the code for
//! each version.

mod connection;
#[macro_use]
mod listening;
#[macro_use]
mod version;

pub use connection::{SqlxConnection, SqlxTransaction};

#[cfg(feature = "sqlx-0_8")]
pub(crate) mod v08 {
    use sqlx_08 as sqlx;

    sqlx_version!(Sqlx08);
    sqlx_listening!();

    /// Returns a statement as the argument that this version expects.
    fn text(sql: &str) -> &str {
        sql
    }
}

#[cfg(feature = "sqlx-0_9")]
pub(crate) mod v09 {
    use sqlx_09 as sqlx;
    use sqlx_09::{AssertSqlSafe, SqlSafeStr, SqlStr};

    sqlx_version!(Sqlx09);
    sqlx_listening!();

    /// Returns a statement as the argument that this version expects. The assertion holds because statements consist of
    /// the crate's own SQL and quoted names.
    fn text(sql: &str) -> SqlStr {
        AssertSqlSafe(sql).into_sql_str()
    }
}
