-- How far a camera's clock is from ours, as ONVIF told when it was last asked.
CREATE TABLE camera_clock (
    camera_id uuid PRIMARY KEY REFERENCES camera ON DELETE CASCADE,
    -- The camera's clock minus ours lies between the two.
    least interval NOT NULL,
    most interval NOT NULL,
    read_at timestamptz NOT NULL,
    -- NULL: it is right, as far as can be told.
    wrong_since timestamptz,
    drift_a_day interval
);
