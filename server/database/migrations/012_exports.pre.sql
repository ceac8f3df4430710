-- What was taken out of the recordings: stills, and clips with the file that is made of them.
CREATE TABLE recording_export (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('still', 'clip')),
    commune_id uuid NOT NULL REFERENCES commune,
    source uuid NOT NULL,
    playback_id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    motive text NOT NULL,
    -- As they were asked for.
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    asked_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'making', 'ready', 'failed', 'gone')),
    -- Why it failed, for who asked.
    reason text NOT NULL DEFAULT '',
    made_at timestamptz,
    -- When its first picture goes, and it with it.
    keep_until timestamptz,
    size bigint,
    sha256 bytea,
    -- The very bytes that are signed: what it was made of, by whom and why.
    manifest bytea,
    signature bytea
);
CREATE INDEX recording_export_open ON recording_export (asked_at) WHERE state IN ('waiting', 'making');
CREATE INDEX recording_export_goes ON recording_export (keep_until) WHERE state = 'ready';
