-- Walls that a control room shares, and the layouts that people keep.

-- name: walls
-- The walls of these communes, by name; of them only one, when an id is given.
SELECT wall.*, person.name AS driver
FROM wall JOIN person ON person.id = wall.driven_by
WHERE wall.commune_id = ANY ($1) AND wall.removed_at IS NULL AND ($2::uuid IS NULL OR wall.id = $2)
ORDER BY wall.name, wall.id;

-- name: commune_of_wall
-- Whose wall it is, or was.
SELECT commune_id FROM wall WHERE id = $1;

-- name: lock_commune_of_walls
-- Whoever adds a wall to this commune waits for his turn: two can't take the last place.
SELECT id FROM commune WHERE id = $1 FOR NO KEY UPDATE;

-- name: count_walls
-- How many walls a commune has.
SELECT count(*) FROM wall WHERE commune_id = $1 AND removed_at IS NULL;

-- name: add_wall
-- A new wall; no row when the id is already there.
INSERT INTO wall (id, commune_id, name, shows, driven_by, driven_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: drive_wall
-- It shows something else from now on; no row when it was removed.
UPDATE wall SET shows = $2, driven_by = $3, driven_at = $4
WHERE id = $1 AND removed_at IS NULL RETURNING commune_id;

-- name: remove_wall
-- It is taken out of use; no row when it was before.
UPDATE wall SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL RETURNING commune_id, name;

-- name: layouts
-- What a person keeps, by name.
SELECT * FROM wall_layout WHERE person_id = $1 ORDER BY name;

-- name: lock_person
-- Whoever changes what this person keeps waits for his turn.
SELECT id FROM person WHERE id = $1 FOR UPDATE;

-- name: count_layouts
-- How many layouts a person keeps.
SELECT count(*) FROM wall_layout WHERE person_id = $1;

-- name: add_layout
-- Keep one more; no row when the id is already there.
INSERT INTO wall_layout (id, person_id, name, shows, saved_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: change_layout
-- Keep something else under it; no row when it is another's or gone.
UPDATE wall_layout SET name = $3, shows = $4, saved_at = $5
WHERE id = $1 AND person_id = $2 RETURNING id;

-- name: drop_layout
-- Keep it no more; no row when it is another's or gone.
DELETE FROM wall_layout WHERE id = $1 AND person_id = $2 RETURNING id;
