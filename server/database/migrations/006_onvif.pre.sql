-- What a camera said of itself by ONVIF when it was added: where it is asked, and what it can do.
CREATE TABLE camera_onvif (
    camera_id uuid PRIMARY KEY REFERENCES camera ON DELETE CASCADE,
    address text NOT NULL,
    -- The profile of the stream that is shown: what is moved is named by it.
    profile text NOT NULL,
    model text NOT NULL,
    has_ptz boolean NOT NULL,
    has_events boolean NOT NULL,
    has_loudspeaker boolean NOT NULL,
    kept_at timestamptz NOT NULL
);
