-- The last event that a relay had read when its checkpoint was stored, as JSON: see `CheckpointEvent`. NULL in
-- checkpoints that an earlier version of this crate stored.
ALTER TABLE castore_relay ADD COLUMN checkpoint_event TEXT;
