-- Masks: what of a camera's picture nobody is shown.

-- name: decisions
-- What was decided of a camera, the newest first, with the names of who decided.
SELECT camera_masks.*, person.name
FROM camera_masks JOIN person ON person.id = camera_masks.decided_by
WHERE camera_id = $1 ORDER BY version DESC LIMIT $2;

-- name: camera_locked
-- A camera, held against change until the transaction ends.
SELECT id, commune_id FROM camera WHERE id = $1 FOR UPDATE;

-- name: in_force
-- The newest decision.
SELECT * FROM camera_masks_now WHERE camera_id = $1;

-- name: decide
-- One decision more.
INSERT INTO camera_masks (camera_id, version, polygons, by_camera, decided_at, decided_by)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: of_address
-- The masks of the cameras in use that are pulled from one of these addresses; if none is, of those
-- that are pulled from this host.
WITH at AS (
    SELECT id, main_url = ANY ($1::text[]) OR coalesce(sub_url = ANY ($1), false) AS is_it
    FROM camera WHERE disabled_at IS NULL AND (
        main_url = ANY ($1) OR sub_url = ANY ($1)
        OR lower(substring(main_url FROM '^\w+://(\[[^]]*\]|[^/:?#]*)')) = $2
        OR lower(substring(sub_url FROM '^\w+://(\[[^]]*\]|[^/:?#]*)')) = $2)
)
SELECT polygons FROM camera_masks_now JOIN at ON at.id = camera_masks_now.camera_id
WHERE at.is_it OR NOT EXISTS (SELECT FROM at WHERE is_it);

-- name: moves
-- Whether a camera can be moved, by what it says of itself; NULL: it says nothing.
SELECT has_ptz FROM camera_onvif WHERE camera_id = $1;

-- name: drop_references
-- The pictures that a camera's rules were compared with, all of them.
DELETE FROM rule_reference USING rule WHERE rule.id = rule_id AND rule.camera_id = $1;
