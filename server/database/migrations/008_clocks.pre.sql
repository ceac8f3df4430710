-- Whether a host's clock may be believed, by which recordings are destroyed.
CREATE TABLE recording_clock (
    host text PRIMARY KEY,
    -- What its clocks said when they were last looked at.
    wall timestamptz NOT NULL,
    database timestamptz NOT NULL,
    -- Which start of the machine, and for how long it had been up.
    boot text NOT NULL,
    steady interval NOT NULL,
    is_set boolean NOT NULL,
    -- The latest time that was believed.
    latest timestamptz NOT NULL,
    -- By how much it has jumped since; what a person accepted as its difference to the database's.
    ahead interval NOT NULL,
    apart interval NOT NULL,
    is_anchored boolean NOT NULL,
    is_settling boolean NOT NULL,
    -- Why it is not believed; NULL: it is.
    doubt text,
    doubted_since timestamptz
);

-- Of a segment whose pictures are dated in the future: when they were first seen to be there.
ALTER TABLE recording_segment ADD COLUMN taken_by timestamptz;

CREATE OR REPLACE VIEW recording_segment_unheld AS
SELECT * FROM recording_segment AS segment
WHERE destroyed_at IS NULL AND NOT EXISTS (
    SELECT FROM recording_hold AS hold
    WHERE hold.lifted_at IS NULL AND hold.commune_id = segment.commune_id
        AND segment.source = ANY (hold.sources)
        AND segment.started_at < hold.ends_at AND segment.ended_at >= hold.starts_at
);
