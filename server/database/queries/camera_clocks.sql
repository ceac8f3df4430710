-- Cameras' clocks, compared with ours.

-- name: of_holder
-- Cameras in use that are known by ONVIF and that a process runs, with what was last read.
SELECT onvif.camera_id, onvif.address, camera.credentials, clock.least, clock.most, clock.read_at,
    clock.wrong_since, clock.drift_a_day
FROM camera_onvif AS onvif
JOIN camera ON camera.id = onvif.camera_id
JOIN lease ON lease.name = 'camera:' || camera.id AND lease.expires_at > now()
LEFT JOIN camera_clock AS clock ON clock.camera_id = onvif.camera_id
WHERE camera.disabled_at IS NULL AND lease.holder = $1
ORDER BY clock.read_at NULLS FIRST;

-- name: put
-- What was read last.
INSERT INTO camera_clock (camera_id, least, most, read_at, wrong_since, drift_a_day)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (camera_id) DO UPDATE SET least = excluded.least, most = excluded.most,
    read_at = excluded.read_at, wrong_since = excluded.wrong_since,
    drift_a_day = excluded.drift_a_day;
