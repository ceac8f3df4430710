-- Who moves which camera.

-- name: lock_of
-- Who moves a camera.
SELECT * FROM ptz_lock WHERE camera_id = $1;

-- name: one_mover_at_a_time
-- Held until the transaction ends, also where nobody has moved the camera yet.
SELECT id FROM camera WHERE id = $1 FOR UPDATE;

-- name: put_lock
-- Who moves a camera from now on, or still does.
INSERT INTO ptz_lock (camera_id, person_id, rank, taken_at, used_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (camera_id) DO UPDATE SET person_id = excluded.person_id, rank = excluded.rank,
    taken_at = excluded.taken_at, used_at = excluded.used_at;

-- name: let_go
-- He moves it no more.
DELETE FROM ptz_lock WHERE camera_id = $1 AND person_id = $2 RETURNING camera_id;
