-- Rules: what is to be noticed on a camera.

-- name: of_cameras
-- What is configured on these cameras.
SELECT * FROM rule WHERE camera_id = ANY ($1::uuid[]) ORDER BY camera_id, created_at, id;

-- name: of_cameras_in_use
-- Every rule of a camera in use, or of all of them, with what decides whether it rests.
SELECT rule.*, camera.number, camera.name AS camera_name, camera.demonstration, camera.place_kind,
    EXISTS (
        SELECT FROM rule_reference AS reference
        WHERE reference.rule_id = rule.id AND reference.points = rule.points
            AND reference.picture IS NOT NULL
    ) AS is_referenced
FROM rule JOIN camera ON camera.id = rule.camera_id
WHERE camera.disabled_at IS NULL
    AND ($1::uuid IS NULL OR rule.camera_id = $1)
ORDER BY camera.commune_id, camera.number, rule.created_at, rule.id;

-- name: drop
-- Rules of a camera that are not kept any more.
DELETE FROM rule WHERE camera_id = $1 AND id <> ALL ($2::uuid[]) RETURNING id;

-- name: drop_references
-- What the zones of these rules looked like.
DELETE FROM rule_reference WHERE rule_id = ANY ($1::uuid[]);

-- name: put
-- A rule of a camera, new or changed; no row when the id is another camera's.
INSERT INTO rule
    (id, commune_id, camera_id, kind, name, shape, points, counts, bearing, thresholds,
     daily_from, daily_until, daily_time_zone, preset, in_use, created_at, subjects)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (id) DO UPDATE SET
    kind = excluded.kind, name = excluded.name, shape = excluded.shape, points = excluded.points,
    counts = excluded.counts, bearing = excluded.bearing, thresholds = excluded.thresholds,
    daily_from = excluded.daily_from, daily_until = excluded.daily_until,
    daily_time_zone = excluded.daily_time_zone, preset = excluded.preset, in_use = excluded.in_use,
    subjects = excluded.subjects
    WHERE rule.camera_id = excluded.camera_id
RETURNING id;
