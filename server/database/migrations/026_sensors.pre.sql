-- Third parties' detectors, whose signed reports are events beside those of cameras.

CREATE TABLE sensor (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    name text NOT NULL,
    sort text NOT NULL CHECK (sort IN ('sound', 'bin', 'alarm-panel', 'other')),
    maker text NOT NULL DEFAULT '',
    kinds text[] NOT NULL CHECK (cardinality(kinds) > 0),
    lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    place text NOT NULL DEFAULT '',
    -- Sealed: what signs its reports, and what did until a rotation is over.
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_until timestamptz,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    -- What became of its reports.
    taken bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    reported_at timestamptz,
    refused_because text NOT NULL DEFAULT '',
    UNIQUE (commune_id, name)
);

-- One report, once: the same id again is answered as before.
CREATE TABLE sensor_report (
    sensor_id uuid NOT NULL REFERENCES sensor,
    webhook_id text NOT NULL,
    body_hash bytea NOT NULL,
    event_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (sensor_id, webhook_id)
);
CREATE INDEX sensor_report_received ON sensor_report (received_at);

ALTER TABLE authorisation
    ADD COLUMN sensor_ids uuid[] NOT NULL DEFAULT '{}',
    DROP CONSTRAINT authorisation_camera_ids_check,
    ADD CHECK (cardinality(camera_ids) + cardinality(sensor_ids) > 0);

ALTER TABLE event
    ADD COLUMN sensor_id uuid REFERENCES sensor,
    ALTER COLUMN camera_id DROP NOT NULL,
    ADD CHECK ((camera_id IS NULL) <> (sensor_id IS NULL));

ALTER TABLE suspension
    ADD COLUMN sensor_id uuid REFERENCES sensor,
    ALTER COLUMN camera_id DROP NOT NULL,
    ADD CHECK ((camera_id IS NULL) <> (sensor_id IS NULL));
CREATE UNIQUE INDEX suspension_of_sensor ON suspension (sensor_id, kind) WHERE lifted_at IS NULL;

ALTER TABLE alert
    ADD COLUMN sensor_id uuid REFERENCES sensor,
    DROP CONSTRAINT alert_origin_check,
    ADD CHECK (origin IN ('hand', 'detector', 'device', 'sensor'));
CREATE INDEX alert_of_sensor ON alert (sensor_id, kind, raised_at) WHERE origin = 'sensor';
-- A view's "alert.*" is written out when it is made.
DROP VIEW alert_with_recipients;
CREATE VIEW alert_with_recipients AS
SELECT alert.*,
    coalesce(
        (SELECT array_agg(unit_id) FROM alert_recipient WHERE alert_id = alert.id), '{}'
    ) AS recipients,
    coalesce(
        (SELECT array_agg(unit_id) FROM alert_recipient
         WHERE alert_id = alert.id AND unable_at IS NOT NULL), '{}'
    ) AS unable
FROM alert;
