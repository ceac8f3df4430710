-- Guard tours, and where cameras that move look.

-- name: tour
-- A camera's own tour of ours.
SELECT * FROM guard_tour WHERE camera_id = $1;

-- name: keep
-- Its stops, in the place of those before; whether it runs stays.
INSERT INTO guard_tour (camera_id, stops) VALUES ($1, $2)
ON CONFLICT (camera_id) DO UPDATE SET stops = excluded.stops;

-- name: drop
-- It has none any more.
DELETE FROM guard_tour WHERE camera_id = $1 RETURNING camera_id;

-- name: run
-- It runs from now on, or is stopped; nothing is given if that is as it was.
UPDATE guard_tour SET running_since = $2
WHERE camera_id = $1 AND (running_since IS NULL) <> ($2::timestamptz IS NULL)
RETURNING camera_id;

-- name: moved_by
-- Cameras in use that move and that a process runs, with their tour and who moves them.
SELECT onvif.*, camera.credentials, tour.stops, tour.running_since, held.person_id, held.rank,
    held.taken_at, held.used_at
FROM camera_onvif AS onvif
JOIN camera ON camera.id = onvif.camera_id
JOIN lease ON lease.name = 'camera:' || camera.id AND lease.expires_at > now()
LEFT JOIN guard_tour AS tour ON tour.camera_id = camera.id
LEFT JOIN ptz_lock AS held ON held.camera_id = camera.id
WHERE onvif.has_ptz AND camera.disabled_at IS NULL AND lease.holder = $1;

-- name: seen
-- Where a camera looked when it was last asked.
SELECT * FROM camera_looking WHERE camera_id = $1;

-- name: at_presets
-- The cameras that were at a preset when they were last asked.
SELECT * FROM camera_looking WHERE looking = 'at-preset';

-- name: look
-- Where it looks, as it says; what was seen later stays.
INSERT INTO camera_looking (camera_id, looking, preset, since, seen_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (camera_id) DO UPDATE SET looking = excluded.looking, preset = excluded.preset,
    since = excluded.since, seen_at = excluded.seen_at
WHERE camera_looking.seen_at <= excluded.seen_at;
