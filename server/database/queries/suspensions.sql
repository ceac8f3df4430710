-- Kinds of event that are suspended on a camera, and the decisions that suspend them.

-- name: suspension
-- One suspension.
SELECT * FROM suspension WHERE id = $1;

-- name: suspension_locked
-- The same, held against change until the transaction ends.
SELECT * FROM suspension WHERE id = $1 FOR UPDATE;

-- name: of_communes
-- Those that run, and what was suspended since then, the latest first.
SELECT suspension.*, person.name AS lifted_by_name, sensor.name AS sensor_name
FROM suspension LEFT JOIN sensor ON sensor.id = suspension.sensor_id
LEFT JOIN person ON person.id = suspension.lifted_by
WHERE suspension.commune_id = ANY ($1::uuid[])
  AND (suspension.lifted_at IS NULL OR suspension.lifted_at > $2)
ORDER BY suspension.lifted_at IS NOT NULL, suspension.suspended_at DESC, suspension.id LIMIT 1000;

-- name: running
-- What is suspended on cameras now, of all communes.
SELECT camera_id, kind FROM suspension WHERE lifted_at IS NULL AND camera_id IS NOT NULL;

-- name: runs
-- Whether a kind is suspended on a camera, or of a sensor.
SELECT EXISTS (
    SELECT FROM suspension
    WHERE (camera_id = $1 OR sensor_id = $1) AND kind = $2 AND lifted_at IS NULL
);

-- name: count_alone
-- One counts a source's false alerts at a time: two dismissals at once would each see one too few.
SELECT pg_advisory_xact_lock(hashtextextended('suspension:' || $1::uuid || $2::text, 0));

-- name: grounds
-- What decides on a kind of a camera or sensor: the commune's rate, the last lift.
SELECT commune.false_alerts_per_day,
    (SELECT max(lifted_at) FROM suspension
     WHERE (camera_id = $1 OR sensor_id = $1) AND kind = $2) AS lifted_at
FROM (
    SELECT commune_id FROM camera WHERE id = $1
    UNION ALL
    SELECT commune_id FROM sensor WHERE id = $1
) AS source JOIN commune ON commune.id = source.commune_id;

-- name: false_alerts
-- When alerts of a kind and source were raised that were dismissed for one of these reasons.
SELECT raised_at FROM alert
WHERE ((camera_id = $1 AND origin = 'detector') OR (sensor_id = $1 AND origin = 'sensor'))
  AND kind = $2 AND raised_at > $3
  AND state = 'dismissed' AND dismissal = ANY ($4::text[]);

-- name: acts
-- The authorisations of some communes that were in force at some moment since then.
SELECT * FROM authorisation
WHERE commune_id = ANY ($1::uuid[]) AND ends_at > $2 AND coalesce(revoked_at, ends_at) > $2;

-- name: add
-- A new suspension; no row when the kind is suspended there already.
INSERT INTO suspension
    (id, commune_id, camera_id, sensor_id, kind, suspended_at, false_alerts, days, per_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING RETURNING id;

-- name: lift
-- The kind is looked for again.
UPDATE suspension SET lifted_at = $2, lifted_by = $3, motive = $4 WHERE id = $1;
