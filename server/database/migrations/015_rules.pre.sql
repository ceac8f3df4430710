-- What may be noticed on a camera, of any kind: until now, zones that nobody may be in.

CREATE TABLE rule (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    camera_id uuid NOT NULL REFERENCES camera,
    kind text NOT NULL,
    name text NOT NULL,
    -- A zone or a line, by what kind of event it is: points [x, y], shares of the picture's width
    -- and height, 0..1.
    shape text NOT NULL CHECK (shape IN ('zone', 'line')),
    points jsonb NOT NULL,
    -- Of lines: the side to which crossing counts.
    counts text CHECK (counts IN ('left', 'right', 'any')),
    -- Degrees clockwise from upwards in the picture.
    bearing double precision CHECK (bearing >= 0 AND bearing < 360),
    thresholds jsonb NOT NULL DEFAULT '{}',
    -- Local hours of the day, NULL: the whole day.
    daily_from time,
    daily_until time,
    daily_time_zone text,
    preset text,
    in_use boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    CHECK ((shape = 'line') = (counts IS NOT NULL))
);
CREATE INDEX rule_camera ON rule (camera_id);

INSERT INTO rule (id, commune_id, camera_id, kind, name, shape, points, created_at)
SELECT id, commune_id, camera_id, kind, name, 'zone', polygon, created_at FROM zone;

ALTER TABLE event ADD COLUMN rule_id uuid;
UPDATE event SET rule_id = zone_id WHERE zone_id IS NOT NULL;
