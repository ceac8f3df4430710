-- What operators' answers say of a kind of event on a camera, and what suspends it there.

ALTER TABLE commune ADD COLUMN false_alerts_per_day double precision NOT NULL DEFAULT 1
    CHECK (false_alerts_per_day BETWEEN 0 AND 100);

ALTER TABLE alert ADD COLUMN dismissal_note text NOT NULL DEFAULT '';
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
CREATE INDEX alert_of_kind ON alert (camera_id, kind, raised_at) WHERE origin = 'detector';

CREATE TABLE suspension (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    camera_id uuid NOT NULL REFERENCES camera,
    kind text NOT NULL,
    suspended_at timestamptz NOT NULL,
    -- The false alerts that were counted, in how many days of watching, and the rate they exceeded.
    false_alerts integer NOT NULL,
    days double precision NOT NULL,
    per_day double precision NOT NULL,
    lifted_at timestamptz,
    lifted_by uuid REFERENCES person,
    motive text NOT NULL DEFAULT '',
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
-- A kind is suspended on a camera once at a time.
CREATE UNIQUE INDEX suspension_running ON suspension (camera_id, kind) WHERE lifted_at IS NULL;
CREATE INDEX suspension_commune ON suspension (commune_id, suspended_at DESC);
