use crate::schema::SideTables;

pub(crate) const TABLES: SideTables = SideTables { what: "the tables of relays", create };

fn create(schema: &str, _snapshots: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {schema}.castore_relay (
            name TEXT PRIMARY KEY,
            log_id TEXT NOT NULL,
            position BIGINT NOT NULL,
            token BIGINT NOT NULL,
            owner TEXT NOT NULL,
            expires_at TIMESTAMPTZ NOT NULL
        ) WITH (fillfactor = 50);
        ALTER TABLE {schema}.castore_relay ADD COLUMN IF NOT EXISTS checkpoint_event TEXT,
            ADD COLUMN IF NOT EXISTS lasts BIGINT;
        CREATE TABLE IF NOT EXISTS {schema}.castore_parked (
            relay TEXT NOT NULL,
            event_store_id TEXT NOT NULL,
            aggregate_id TEXT NOT NULL,
            next_position BIGINT NOT NULL,
            version BIGINT NOT NULL,
            attempts BIGINT NOT NULL,
            error TEXT NOT NULL,
            next_attempt_at TIMESTAMPTZ NOT NULL,
            dropped BOOLEAN NOT NULL,
            PRIMARY KEY (relay, event_store_id, aggregate_id)
        );"
    )
}
