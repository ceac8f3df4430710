-- Events: what a watch saw, under which authorisation.

-- name: add
-- A new event; no row when it is already there.
INSERT INTO event
    (id, commune_id, camera_id, kind, opened_at, authorisation_id, rule_id, still_id, box,
     confidence)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: close
-- It is over; no row when it is unknown, or closed already.
UPDATE event SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL RETURNING commune_id;

-- name: close_left_open
-- What a detect process that was killed has left open: nobody can say how long it lasted.
UPDATE event SET closed_at = $1 WHERE closed_at IS NULL RETURNING id, commune_id;

-- name: locked
-- One event, held so that one intake makes its alert.
SELECT * FROM event WHERE id = $1 FOR UPDATE;

-- name: of_camera
-- What a camera's rules have found in some hours, in order, and what became of it.
SELECT event.id, event.rule_id, event.kind, event.opened_at, event.closed_at,
    alert.state AS alert_state
FROM event LEFT JOIN alert ON alert.id = event.alert_id
WHERE event.camera_id = $1 AND event.rule_id IS NOT NULL AND event.opened_at < $3
    AND (event.opened_at >= $2 OR event.closed_at >= $2)
ORDER BY event.opened_at LIMIT $4;
