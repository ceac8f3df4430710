-- Lists of cameras, taken in and taken back.

-- name: known_cameras
-- All cameras of a commune, also those out of use; one import of a commune at a time.
SELECT number, main_url FROM camera WHERE commune_id = $1;

-- name: one_import_at_a_time
-- Held until the transaction ends.
SELECT id FROM commune WHERE id = $1 FOR UPDATE;

-- name: add_import
-- A list was taken in.
INSERT INTO camera_import (id, commune_id, imported_by, imported_at, camera_ids)
VALUES ($1, $2, $3, $4, $5);

-- name: imports
-- The newest lists of a commune, and whether anything was recorded from their cameras since.
SELECT import.*, person.name AS person_name, EXISTS (
    SELECT FROM recording_segment AS segment
    WHERE segment.camera_id = ANY (import.camera_ids)) AS recorded
FROM camera_import AS import
LEFT JOIN person ON import.imported_by = 'person:' || person.id
WHERE import.commune_id = $1 ORDER BY import.imported_at DESC LIMIT 50;

-- name: import_locked
-- One list, held until the transaction ends.
SELECT * FROM camera_import WHERE id = $1 AND commune_id = $2 FOR UPDATE;

-- name: recorded_from
-- Whether anything was recorded from these cameras.
SELECT EXISTS (SELECT FROM recording_segment WHERE camera_id = ANY ($1::uuid[]));

-- name: forget_states
-- What media processes have said of cameras that nobody has looked at.
DELETE FROM camera_state WHERE camera_id = ANY ($1::uuid[])
    AND NOT EXISTS (SELECT FROM viewing WHERE viewing.camera_id = camera_state.camera_id);

-- name: forget_cameras
-- Those that have no history: no picture of theirs was seen, kept or acted on, and nobody has
-- spoken through them.
DELETE FROM camera WHERE id = ANY ($1::uuid[])
    AND NOT EXISTS (SELECT FROM viewing WHERE viewing.camera_id = camera.id)
    AND NOT EXISTS (SELECT FROM still WHERE still.camera_id = camera.id)
    AND NOT EXISTS (SELECT FROM event WHERE event.camera_id = camera.id)
    AND NOT EXISTS (SELECT FROM talk WHERE talk.camera_id = camera.id)
    AND NOT EXISTS (SELECT FROM alert WHERE alert.camera_id = camera.id)
    AND NOT EXISTS (SELECT FROM rule WHERE rule.camera_id = camera.id)
    AND NOT EXISTS (SELECT FROM camera_masks WHERE camera_masks.camera_id = camera.id)
    AND NOT EXISTS (SELECT FROM camera_state WHERE camera_state.camera_id = camera.id)
    AND NOT EXISTS (SELECT FROM authorisation WHERE camera.id = ANY (authorisation.camera_ids))
RETURNING id;

-- name: retire_cameras
-- The others are out of use; their history stays.
UPDATE camera SET disabled_at = coalesce(disabled_at, $2) WHERE id = ANY ($1::uuid[])
RETURNING id;

-- name: undone
-- A list was taken back.
UPDATE camera_import SET undone_at = $2 WHERE id = $1;

-- name: listed_cameras
-- The cameras in use of a commune as a list has them.
SELECT camera.number, camera.name, camera.main_url, camera.sub_url, camera.lat, camera.lon,
    camera.bearing_deg, camera.field_of_view_deg, camera.range_m, camera.place, camera.place_kind,
    prefect_order.number AS "order"
FROM camera LEFT JOIN prefect_order ON prefect_order.id = camera.order_id
WHERE camera.commune_id = $1 AND camera.disabled_at IS NULL ORDER BY camera.number;
