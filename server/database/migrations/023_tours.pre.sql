-- A camera's guard tour of ours: presets in turn, and whether it runs.
CREATE TABLE guard_tour (
    camera_id uuid PRIMARY KEY REFERENCES camera ON DELETE CASCADE,
    -- [{"preset": token, "name": text, "dwell_s": number}]
    stops jsonb NOT NULL,
    running_since timestamptz
);

-- Where a camera that moves looked when it was last asked, and since when.
CREATE TABLE camera_looking (
    camera_id uuid PRIMARY KEY REFERENCES camera ON DELETE CASCADE,
    looking text NOT NULL CHECK (looking IN ('at-preset', 'moving', 'elsewhere', 'unknown')),
    -- The token of the preset that it looks at.
    preset text,
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);
