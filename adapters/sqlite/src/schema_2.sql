-- The tables of the event log, of relays and of snapshots.

-- `log_id` is created once, so that a checkpoint of another log is recognized. `rewrites` is the sum of the column
-- `rewrites` of `castore_rewrite`.
CREATE TABLE castore_meta (
    name TEXT PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;
INSERT INTO castore_meta VALUES ('log_id', lower(hex(randomblob(16)))), ('rewrites', 0);

-- The number of times that events of an aggregate were replaced or removed. Triggers update the number, so that changes
-- by other programs count as well. The triggers do not slow down plain inserts.
CREATE TABLE castore_rewrite (
    event_store_id TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    rewrites INTEGER NOT NULL,
    PRIMARY KEY (event_store_id, aggregate_id)
) WITHOUT ROWID;
CREATE TRIGGER event_updated AFTER UPDATE ON event BEGIN
    INSERT INTO castore_rewrite VALUES (OLD.event_store_id, OLD.aggregate_id, 1)
        ON CONFLICT (event_store_id, aggregate_id) DO UPDATE SET rewrites = rewrites + 1;
    INSERT INTO castore_rewrite
        SELECT NEW.event_store_id, NEW.aggregate_id, 1
        WHERE (NEW.event_store_id, NEW.aggregate_id) <> (OLD.event_store_id, OLD.aggregate_id)
        ON CONFLICT (event_store_id, aggregate_id) DO UPDATE SET rewrites = rewrites + 1;
    UPDATE castore_meta SET value = value + 1 WHERE name = 'rewrites';
END;
CREATE TRIGGER event_deleted AFTER DELETE ON event BEGIN
    INSERT INTO castore_rewrite VALUES (OLD.event_store_id, OLD.aggregate_id, 1)
        ON CONFLICT (event_store_id, aggregate_id) DO UPDATE SET rewrites = rewrites + 1;
    UPDATE castore_meta SET value = value + 1 WHERE name = 'rewrites';
END;

-- Times are milliseconds since 1970, by SQLite's clock. A lease that ends later than `lasts` from now was written when
-- the clock was ahead.
CREATE TABLE castore_relay (
    name TEXT PRIMARY KEY,
    log_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    token INTEGER NOT NULL,
    owner TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    lasts INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE castore_parked (
    relay TEXT NOT NULL,
    event_store_id TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    next_position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    PRIMARY KEY (relay, event_store_id, aggregate_id)
) WITHOUT ROWID;

-- `state_shape` is a hash of 64 bits, stored as the signed integer of the same bits.
CREATE TABLE castore_snapshot (
    event_store_id TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    state_shape INTEGER NOT NULL,
    reducer_version INTEGER NOT NULL,
    rewrites INTEGER NOT NULL,
    event_timestamp INTEGER NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (event_store_id, aggregate_id, version, state_shape, reducer_version)
);
