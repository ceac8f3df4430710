-- A clip that can't be made just now (a host is away, the disk is full) is tried again.
ALTER TABLE recording_export
    ADD COLUMN failing_since timestamptz,
    -- When it is tried next; NULL: at its turn.
    ADD COLUMN try_at timestamptz;
