-- Announcements of a commune: their sound (WAV, mono, 16 kHz), and what they say, word for word.
CREATE TABLE announcement (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    name text NOT NULL,
    text text NOT NULL,
    lasts interval NOT NULL,
    audio bytea NOT NULL,
    added_at timestamptz NOT NULL,
    -- Out of use: kept, since the register names it.
    retired_at timestamptz
);
CREATE INDEX announcement_in_use ON announcement (commune_id) WHERE retired_at IS NULL;

-- Who speaks, or has spoken, through which camera's loudspeaker; never what a voice said.
CREATE TABLE talk (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    camera_id uuid NOT NULL REFERENCES camera,
    person_id uuid NOT NULL REFERENCES person,
    session_id uuid,
    -- The media process that it goes through.
    holder text NOT NULL,
    motive text NOT NULL,
    -- NULL: a voice.
    announcement_id uuid REFERENCES announcement,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- For how long something was heard; NULL while it goes on, and where nobody can say.
    sounded interval
);
-- One at a time at a loudspeaker, whatever happens.
CREATE UNIQUE INDEX talk_at_loudspeaker ON talk (camera_id) WHERE ended_at IS NULL;
