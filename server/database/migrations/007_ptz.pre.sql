-- Who moves a camera: the newest that took it, and when he last moved it.
CREATE TABLE ptz_lock (
    camera_id uuid PRIMARY KEY REFERENCES camera ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person,
    rank smallint NOT NULL,
    taken_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL
);
