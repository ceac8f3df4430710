-- What cameras can do by ONVIF, and where they are asked.

-- name: onvif_of
-- Where one camera is asked, with its sealed user and password.
SELECT onvif.*, camera.credentials, camera.main_url
FROM camera_onvif AS onvif JOIN camera ON camera.id = onvif.camera_id
WHERE onvif.camera_id = $1;

-- name: keep_onvif
-- What a camera says of itself, in the place of what it said before.
INSERT INTO camera_onvif
    (camera_id, address, profile, model, has_ptz, has_events, has_loudspeaker, kept_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (camera_id) DO UPDATE SET address = excluded.address, profile = excluded.profile,
    model = excluded.model, has_ptz = excluded.has_ptz, has_events = excluded.has_events,
    has_loudspeaker = excluded.has_loudspeaker, kept_at = excluded.kept_at;

-- name: drop_onvif
-- It is asked nothing by ONVIF any more.
DELETE FROM camera_onvif WHERE camera_id = $1 RETURNING camera_id;

-- name: noticed
-- Cameras in use that analyse their pictures, and that this process runs.
SELECT onvif.*, camera.credentials, camera.main_stream_id, camera.demonstration,
    camera.place_kind
FROM camera_onvif AS onvif
JOIN camera ON camera.id = onvif.camera_id
JOIN lease ON lease.name = 'camera:' || camera.id AND lease.expires_at > now()
WHERE onvif.has_events AND camera.disabled_at IS NULL AND lease.holder = $1;
