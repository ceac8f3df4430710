-- Recordings: what each commune has decided, what is recorded, held and destroyed.

-- A camera that is recorded elsewhere, or should not be at all, may be kept out of the recorder.
ALTER TABLE camera ADD COLUMN never_recorded boolean NOT NULL DEFAULT false;

-- Append-only: what was decided when. The newest says whether and how long; none: not recorded.
CREATE TABLE recording_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    -- NULL: nothing is recorded from then on.
    days integer CHECK (days BETWEEN 1 AND 30),
    decided_at timestamptz NOT NULL,
    decided_by uuid NOT NULL REFERENCES person
);
CREATE INDEX recording_decision_commune ON recording_decision (commune_id, id DESC);

CREATE VIEW recording_decision_now AS
SELECT DISTINCT ON (commune_id) * FROM recording_decision ORDER BY commune_id, id DESC;

-- One file each, of some minutes. The file says the same of itself: a lost row is made again.
CREATE TABLE recording_segment (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    stream_id uuid NOT NULL,
    camera_id uuid REFERENCES camera,
    -- The camera, or a patrol's stream.
    source uuid NOT NULL,
    volume uuid NOT NULL,
    path text NOT NULL,
    -- Of its oldest and its newest picture; ended_at moves while it is written.
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    -- What was in force when it was begun, or less since.
    keep_days integer NOT NULL CHECK (keep_days BETWEEN 1 AND 30),
    keep_until timestamptz NOT NULL,
    codec text NOT NULL,
    with_sound boolean NOT NULL CHECK (NOT (with_sound AND camera_id IS NOT NULL)),
    pictures integer NOT NULL DEFAULT 0,
    size bigint NOT NULL DEFAULT 0,
    previous bytea NOT NULL,
    -- Of the whole file; NULL while it is written.
    sha256 bytea,
    -- False where the file was cut: the process or the power ended first.
    whole boolean NOT NULL DEFAULT false,
    -- Taken from all readers, its file about to go.
    doomed_at timestamptz,
    doomed_why text CHECK (doomed_why IN ('retention', 'room')),
    -- Its file is gone; the row stays until the day's receipt is signed.
    destroyed_at timestamptz,
    destroyed_why text CHECK (destroyed_why IN ('retention', 'room', 'lost'))
);
CREATE INDEX recording_segment_source ON recording_segment (source, started_at);
CREATE INDEX recording_segment_due ON recording_segment (volume, keep_until)
    WHERE destroyed_at IS NULL;
CREATE INDEX recording_segment_oldest ON recording_segment (volume, started_at)
    WHERE destroyed_at IS NULL;
CREATE INDEX recording_segment_destroyed ON recording_segment (destroyed_at)
    WHERE destroyed_at IS NOT NULL;

CREATE TABLE recording_hold (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    requisition text NOT NULL,
    -- Cameras, or patrols' streams.
    sources uuid[] NOT NULL CHECK (cardinality(sources) > 0),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    placed_at timestamptz NOT NULL,
    placed_by uuid NOT NULL REFERENCES person,
    lifted_at timestamptz,
    lifted_by uuid REFERENCES person,
    lifted_because text NOT NULL DEFAULT ''
);
CREATE INDEX recording_hold_commune ON recording_hold (commune_id) WHERE lifted_at IS NULL;

-- What no hold keeps: the same question as the domain's `Hold.keeps`.
CREATE VIEW recording_segment_unheld AS
SELECT * FROM recording_segment AS segment
WHERE destroyed_at IS NULL AND NOT EXISTS (
    SELECT FROM recording_hold AS hold
    WHERE hold.lifted_at IS NULL AND hold.commune_id = segment.commune_id
        AND segment.source = ANY (hold.sources)
        AND segment.started_at < hold.ends_at AND segment.ended_at >= hold.starts_at
);

-- What was destroyed of one source on one day, signed: it outlives the rows that it is about.
CREATE TABLE recording_receipt (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    source uuid NOT NULL,
    day date NOT NULL,
    -- The very bytes that are signed.
    body bytea NOT NULL,
    signature bytea NOT NULL,
    signed_at timestamptz NOT NULL
);
CREATE INDEX recording_receipt_day ON recording_receipt (commune_id, day DESC);

-- A volume as the media process that writes on it last saw it: what an alarm is made of.
CREATE TABLE recording_volume (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    -- The media process that reads and writes it.
    holder text NOT NULL,
    free_bytes bigint NOT NULL,
    total_bytes bigint NOT NULL,
    -- NULL: old pictures go in time.
    full_at timestamptz,
    -- What is wrong, in words of a closed set; '' when all is well.
    trouble text NOT NULL DEFAULT '',
    trouble_since timestamptz,
    -- How many are past their hour and still there.
    overdue integer NOT NULL DEFAULT 0,
    seen_at timestamptz NOT NULL
);
