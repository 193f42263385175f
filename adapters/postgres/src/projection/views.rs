use castore_projection::engine::ReadModelVersion;

use super::Tables;
use super::tables::qualified;
use crate::driver::{DriverError, OpenTransaction};
use crate::statement::{Session, query_once};

/// The query for the privileges on a view, as `GRANT` statements.
const GRANTS: &str = "SELECT format('GRANT %s ON %s TO %s', acl.privilege_type, $1::text,
        CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END)
        || CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
    FROM pg_class class, aclexplode(class.relacl) acl
    WHERE class.oid = to_regclass($1::text) AND acl.grantee <> class.relowner";

/// Points the views at the tables of a version. Views are dropped and created again, because `OR REPLACE` rejects
/// changed columns. The privileges on the views are granted again. Views of the version `before` that this version does
/// not have are dropped.
pub(super) async fn point_at(
    transaction: &OpenTransaction<'_>,
    tables: &Tables,
    before: Option<&ReadModelVersion>,
) -> Result<(), DriverError> {
    let mut sql = String::new();
    for view in before.iter().flat_map(|before| &before.tables) {
        let view = qualified(tables.schema(), view);
        if !tables.all().any(|(kept, _)| kept == view) {
            sql.push_str(&format!("DROP VIEW IF EXISTS {view};"));
        }
    }
    for (view, table) in tables.all() {
        let grants = query_once(transaction, GRANTS, &[&view]).await?;
        sql.push_str(&format!("DROP VIEW IF EXISTS {view}; CREATE VIEW {view} AS SELECT * FROM {table};"));
        for grant in &grants {
            sql.push_str(&format!("{};", grant.try_get::<&str>(0)?));
        }
    }
    transaction.batch(&sql).await
}
