use super::{EventTable, Identifier, dollar_quoted, quote_literal};
use crate::driver::DriverError;
use crate::statement::{Session, query_once};

/// The triggers that count rewrites. They run once per statement, and not for inserts.
const TRIGGERS: [(&str, &str, &str); 3] = [
    ("castore_rewrite_update", "UPDATE", "REFERENCING OLD TABLE AS old_events NEW TABLE AS new_events"),
    ("castore_rewrite_delete", "DELETE", "REFERENCING OLD TABLE AS old_events"),
    ("castore_rewrite_truncate", "TRUNCATE", ""),
];

/// The aggregate id of the row that counts how often the table was truncated.
const TRUNCATE: &str = "truncate";

/// The statements that read the table of rewrite counts, which the triggers of an event table write.
#[derive(Debug)]
pub(crate) struct RewriteCounts {
    /// The query for the sum of all counts.
    pub(crate) all: String,
    /// The query for the count of one aggregate.
    pub(crate) of_aggregate: String,
    /// An expression for the number of truncations.
    pub(crate) truncations: String,
}

impl RewriteCounts {
    /// Finds the rewrite counts of an event table. Returns `None` if rewrites are not counted, or if this role may not
    /// read the counts.
    pub(super) async fn find(
        client: &impl Session,
        event_table: u32,
        schema: &str,
        name: &str,
    ) -> Result<Option<Self>, DriverError> {
        let counts = format!("{schema}.{}", counts_name(name).quoted());
        let triggers: Vec<&str> = TRIGGERS.iter().map(|(name, ..)| *name).collect();
        let rows = query_once(
            client,
            "SELECT count(*), has_table_privilege(to_regclass($3::text), 'SELECT') FROM pg_trigger
                 WHERE tgrelid = $1 AND tgname = ANY ($2::text[]) AND tgenabled IN ('O', 'A')",
            &[&event_table, &triggers, &counts],
        )
        .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (triggers, may_read): (i64, Option<bool>) = (row.try_get(0)?, row.try_get(1)?);
        Ok((triggers == 3 && may_read == Some(true)).then(|| Self {
            all: format!("SELECT coalesce(sum(rewrites), 0)::int8 FROM {counts}"),
            // The row with empty names counts rewrites of unknown aggregates, so it is added to the count of each
            // aggregate.
            of_aggregate: format!(
                "SELECT coalesce(sum(rewrites), 0)::int8 FROM {counts}
                 WHERE (aggregate_name = $1::text AND aggregate_id = $2::text)
                 OR (aggregate_name = '' AND aggregate_id = '')"
            ),
            truncations: format!(
                "(SELECT coalesce(sum(rewrites), 0)::int8 FROM {counts}
                 WHERE aggregate_name = '' AND aggregate_id = '{TRUNCATE}')"
            ),
        }))
    }
}

pub(super) fn counts_name(table: &str) -> Identifier {
    Identifier::derived("castore_rewrite_", table, "")
}

/// Returns the statements that create the missing parts of the rewrite counts. `schema` and `qualified` are quoted.
pub(super) fn create_rewrite_trigger(table: &EventTable, schema: &str, qualified: &str) -> String {
    let name = format!("{schema}.{}", counts_name(&table.name).quoted());
    let count = |rows: &str| {
        format!(
            "INSERT INTO {name} AS known (aggregate_name, aggregate_id, rewrites)
             SELECT aggregate_name, aggregate_id::text, count(*) FROM ({rows}) rewritten GROUP BY 1, 2 ORDER BY 1, 2
             ON CONFLICT (aggregate_name, aggregate_id) DO UPDATE SET rewrites = known.rewrites + EXCLUDED.rewrites;"
        )
    };
    let of_all = format!(
        "INSERT INTO {name} AS known VALUES ('', '', 1)
         ON CONFLICT (aggregate_name, aggregate_id) DO UPDATE SET rewrites = known.rewrites + 1;"
    );
    // A truncated table is a different log, because its positions may begin again.
    let truncation = format!(
        "INSERT INTO {name} AS known VALUES ('', '{TRUNCATE}', 1)
         ON CONFLICT (aggregate_name, aggregate_id) DO UPDATE SET rewrites = known.rewrites + 1;"
    );
    // The function runs with the privileges of its creator, so that roles that write events need no privileges on the
    // table of counts.
    let body = format!(
        "BEGIN
            IF TG_OP = 'UPDATE' THEN {}
            ELSIF TG_OP = 'DELETE' THEN {}
            ELSE {of_all} {truncation}
            END IF;
            RETURN NULL;
        END",
        count(
            "SELECT aggregate_name, aggregate_id FROM old_events
             UNION ALL SELECT aggregate_name, aggregate_id FROM new_events"
        ),
        count("SELECT aggregate_name, aggregate_id FROM old_events"),
    );
    let mut sql = format!(
        "CREATE TABLE IF NOT EXISTS {name} (aggregate_name TEXT, aggregate_id TEXT, rewrites BIGINT NOT NULL,
            PRIMARY KEY (aggregate_name, aggregate_id));
         CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, pg_temp AS {};",
        dollar_quoted(&body)
    );
    for (trigger, event, tables) in TRIGGERS {
        sql.push_str(&format!(
            "CREATE OR REPLACE TRIGGER {trigger} AFTER {event} ON {qualified} {tables}
             FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
        ));
    }
    // Before the triggers existed, any event may have been rewritten, so the count of all aggregates is increased.
    sql.push_str(&of_all);
    sql
}

/// Returns a statement that creates the table and the triggers that count rewrites. If all triggers exist, the statement
/// changes nothing, so it may be executed repeatedly.
pub(super) fn create_missing_rewrite_trigger(table: &EventTable, schema: &str, qualified: &str) -> String {
    let triggers: Vec<String> = TRIGGERS.iter().map(|(name, ..)| quote_literal(name)).collect();
    let body = format!(
        "BEGIN
    IF (SELECT count(*) FROM pg_trigger WHERE tgrelid = {}::regclass AND tgenabled IN ('O', 'A')
        AND tgname IN ({})) < {} THEN
        {}
    END IF;
END",
        quote_literal(qualified),
        triggers.join(", "),
        triggers.len(),
        create_rewrite_trigger(table, schema, qualified),
    );
    format!("DO {};", dollar_quoted(&body))
}

/// Returns the statements that drop the rewrite counts after the event table was dropped.
pub(super) fn drop_counts(table: &EventTable, schema: Option<&str>) -> String {
    let name = counts_name(&table.name).quoted();
    let name = schema.map_or_else(|| name.clone(), |schema| format!("{schema}.{name}"));
    format!("DROP TABLE IF EXISTS {name}; DROP FUNCTION IF EXISTS {name}()")
}
