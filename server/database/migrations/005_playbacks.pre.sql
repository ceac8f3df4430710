-- Leave to look at recordings, once its motive is in the register: one person's, for some hours.
CREATE TABLE recording_playback (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    -- The camera, or a patrol's stream.
    source uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    opened_at timestamptz NOT NULL
);
CREATE INDEX recording_playback_opened ON recording_playback (opened_at);
