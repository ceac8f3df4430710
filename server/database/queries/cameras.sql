-- Cameras, what they rest on, what is drawn on them, what the media processes say of them.

-- name: camera
-- One camera.
SELECT * FROM camera WHERE id = $1;

-- name: camera_locked
-- The same, held against change until the transaction ends.
SELECT * FROM camera WHERE id = $1 FOR UPDATE;

-- name: by_stream
-- The camera whose main or sub stream this is.
SELECT * FROM camera WHERE main_stream_id = $1 OR sub_stream_id = $1;

-- name: in_use
-- Cameras of some communes that are in use, by number.
SELECT * FROM camera WHERE commune_id = ANY ($1::uuid[]) AND disabled_at IS NULL
ORDER BY commune_id, number;

-- name: camera_gated
-- One camera, with what the law's gate needs: its order and its commune's profile.
SELECT * FROM camera_gated WHERE id = $1;

-- name: cameras_gated
-- The same for the cameras in use of some communes, by number.
SELECT * FROM camera_gated WHERE commune_id = ANY ($1::uuid[]) AND disabled_at IS NULL
ORDER BY commune_id, number;

-- name: sources
-- All cameras in use, of all communes, with what a media process needs.
SELECT camera.*, masks.version AS masks_version, masks.polygons AS masks
FROM camera_gated AS camera LEFT JOIN camera_masks_now AS masks ON masks.camera_id = camera.id
WHERE camera.disabled_at IS NULL ORDER BY camera.commune_id, camera.number;

-- name: sources_of
-- The same of one camera.
SELECT camera.*, masks.version AS masks_version, masks.polygons AS masks
FROM camera_gated AS camera LEFT JOIN camera_masks_now AS masks ON masks.camera_id = camera.id
WHERE camera.id = $1;

-- name: add
-- A new camera; no row when the id is already there.
INSERT INTO camera
    (id, commune_id, number, name, source, lon, lat, bearing_deg, field_of_view_deg, range_m,
     place_kind, main_stream_id, sub_stream_id, order_id, demonstration, disabled_at,
     transcode, transport, place, main_url, sub_url, credentials, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
        $17, $18, $19, $20, $21, $22, $23)
ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: at_address
-- A camera in use, other than this one, that is pulled from one of these addresses.
SELECT commune_id, number FROM camera
WHERE (main_url = ANY ($2::text[]) OR sub_url = ANY ($2::text[])) AND id <> $1
    AND disabled_at IS NULL AND NOT demonstration
ORDER BY commune_id = $3 DESC, number LIMIT 1;

-- name: asked_by_onvif
-- Where a camera is asked by ONVIF.
SELECT address FROM camera_onvif WHERE camera_id = $1 FOR UPDATE;

-- name: onvif_moved
-- It is asked there from now on.
UPDATE camera_onvif SET address = $2 WHERE camera_id = $1;

-- name: onvif_gone
-- It is asked nothing by ONVIF any more.
DELETE FROM camera_onvif WHERE camera_id = $1;

-- name: change
-- What an administrator may change of a camera.
UPDATE camera SET number = $2, name = $3, source = $4, lon = $5, lat = $6, bearing_deg = $7,
    field_of_view_deg = $8, range_m = $9, place_kind = $10, main_stream_id = $11,
    sub_stream_id = $12, order_id = $13, demonstration = $14, disabled_at = $15,
    transcode = $16, transport = $17, place = $18, main_url = $19, sub_url = $20,
    credentials = $21
WHERE id = $1;

-- name: up
-- Those of these cameras whose picture comes in now.
SELECT camera_id FROM camera_state WHERE camera_id = ANY ($1::uuid[]) AND up;

-- name: state_locked
-- What is known of a camera.
SELECT up, codec FROM camera_state WHERE camera_id = $1 FOR UPDATE;

-- name: note_state
-- What a media process says of a camera; since when is kept while it stays up, or down.
INSERT INTO camera_state (camera_id, up, since, reason, codec, clock_offset_ms, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $3)
ON CONFLICT (camera_id) DO UPDATE SET
    up = excluded.up,
    since = CASE WHEN camera_state.up = excluded.up THEN camera_state.since
                 ELSE excluded.since END,
    reason = excluded.reason,
    codec = coalesce(excluded.codec, camera_state.codec),
    clock_offset_ms = coalesce(excluded.clock_offset_ms, camera_state.clock_offset_ms),
    seen_at = excluded.seen_at;

-- name: order
-- One prefect's order.
SELECT * FROM prefect_order WHERE id = $1;

-- name: order_locked
-- The same, held against change until the transaction ends.
SELECT * FROM prefect_order WHERE id = $1 FOR UPDATE;

-- name: orders_of
-- The orders of some communes, the one that ends first on top.
SELECT * FROM prefect_order WHERE commune_id = ANY ($1::uuid[]) ORDER BY ends_at, number;

-- name: add_order
-- A new order; no row when the id is already there.
INSERT INTO prefect_order (id, commune_id, number, starts_at, ends_at, perimeter, fictive)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: change_order
-- What may be corrected of an order.
UPDATE prefect_order SET number = $2, starts_at = $3, ends_at = $4, perimeter = $5, fictive = $6
WHERE id = $1;

-- name: cameras_under
-- The cameras that rest on an order.
SELECT id FROM camera WHERE order_id = $1;

-- name: authorisation
-- One authorisation.
SELECT * FROM authorisation WHERE id = $1;

-- name: authorisation_locked
-- The same, held against change until the transaction ends.
SELECT * FROM authorisation WHERE id = $1 FOR UPDATE;

-- name: authorisation_kept
-- The same, which nobody revokes until the transaction ends.
SELECT * FROM authorisation WHERE id = $1 FOR SHARE;

-- name: authorisations_of
-- The authorisations of some communes, the latest recorded first.
SELECT * FROM authorisation WHERE commune_id = ANY ($1::uuid[])
ORDER BY recorded_at DESC, id;

-- name: authorisations_running
-- All that are not over yet, of all communes: what the detect process may need.
SELECT * FROM authorisation WHERE revoked_at IS NULL AND ends_at > $1 ORDER BY recorded_at, id;

-- name: authorisations_not_over
-- Those of a commune that are not over yet, held against change until the transaction ends.
SELECT * FROM authorisation WHERE commune_id = $1 AND revoked_at IS NULL AND ends_at > $2
ORDER BY recorded_at, id FOR UPDATE;

-- name: commune_profile
-- A commune's profile, held against change until the transaction ends.
SELECT profile FROM commune WHERE id = $1 FOR SHARE;

-- name: add_authorisation
-- A new authorisation; no row when the id is already there.
INSERT INTO authorisation
    (id, commune_id, profile, law, authority, act_reference, act_date, purpose, place, kinds,
     camera_ids, starts_at, ends_at, daily_from, daily_until, daily_time_zone, recorded_at,
     recorded_by, revoked_at, assessment, sensor_ids)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21)
ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: revoke_authorisations
-- They end at once.
UPDATE authorisation SET revoked_at = $2 WHERE id = ANY ($1::uuid[]);

-- name: cameras_named
-- Of these cameras, those of a commune: for demonstration or not, and of which kind of place.
SELECT id, demonstration, place_kind FROM camera WHERE id = ANY ($1::uuid[]) AND commune_id = $2;
