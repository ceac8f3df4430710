-- What was analysed, for an authorisation's evaluation: by camera, act, kind and hour.

CREATE TABLE analysed_hour (
    camera_id uuid NOT NULL REFERENCES camera,
    -- NULL, as the kind: pictures that no act covered. There are none, or a gate leaks.
    authorisation_id uuid REFERENCES authorisation,
    kind text,
    hour timestamptz NOT NULL,
    -- Bit n: the hour's minute n.
    minutes bigint NOT NULL,
    pictures bigint NOT NULL,
    UNIQUE NULLS NOT DISTINCT (camera_id, authorisation_id, kind, hour)
);
CREATE INDEX analysed_hour_act ON analysed_hour (authorisation_id);

CREATE INDEX event_authorisation ON event (authorisation_id);
