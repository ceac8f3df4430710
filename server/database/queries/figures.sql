-- What became of what was detected, for pages and reports.

-- name: decided
-- How many alerts of each kind and camera were raised in a period, by what was decided of them.
SELECT coalesce(sensor_id, camera_id) AS source, kind, state, dismissal, count(*) AS count FROM alert
WHERE commune_id = $1 AND raised_at >= $2 AND raised_at < $3
  AND origin IN ('detector', 'sensor')
GROUP BY source, kind, state, dismissal;

-- name: acts
-- The authorisations of a commune that were in force at some moment since then.
SELECT * FROM authorisation
WHERE commune_id = $1 AND ends_at > $2 AND coalesce(revoked_at, ends_at) > $2;

-- name: suspended
-- While which kinds were suspended of the cameras and sensors of a commune, since then.
SELECT coalesce(camera_id, sensor_id) AS source, kind, suspended_at, lifted_at FROM suspension
WHERE commune_id = $1 AND (lifted_at IS NULL OR lifted_at > $2);
