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

/// The statements that point views at the tables of a version.
pub(super) struct Views {
    /// Drops the views of this version and of the version `before`.
    pub(super) drop: String,
    /// Creates the views, and grants the privileges that the views had before.
    pub(super) create: String,
}

impl Views {
    /// Reads the privileges on the views, and returns the statements. Views are dropped and created again, because
    /// `OR REPLACE` rejects changed columns. A view that only the version `before` has is dropped, and not created
    /// again.
    pub(super) async fn of(
        transaction: &OpenTransaction<'_>,
        tables: &Tables,
        before: Option<&ReadModelVersion>,
    ) -> Result<Self, DriverError> {
        let (mut drop, mut create) = (String::new(), String::new());
        for view in before.iter().flat_map(|before| &before.tables) {
            let view = qualified(tables.schema(), view);
            if !tables.all().any(|(kept, _)| kept == view) {
                drop.push_str(&format!("DROP VIEW IF EXISTS {view};"));
            }
        }
        for (view, table) in tables.all() {
            let grants = query_once(transaction, GRANTS, &[&view]).await?;
            drop.push_str(&format!("DROP VIEW IF EXISTS {view};"));
            create.push_str(&format!("CREATE VIEW {view} AS SELECT * FROM {table};"));
            for grant in &grants {
                create.push_str(&format!("{};", grant.try_get::<&str>(0)?));
            }
        }
        Ok(Self { drop, create })
    }
}

/// Points the views at the tables of a version.
pub(super) async fn point_at(
    transaction: &OpenTransaction<'_>,
    tables: &Tables,
    before: Option<&ReadModelVersion>,
) -> Result<(), DriverError> {
    let views = Views::of(transaction, tables, before).await?;
    transaction.batch(&format!("{}{}", views.drop, views.create)).await
}
