-- Interventions and the units on them; guidance.

-- name: intervention
-- One intervention with its assignments.
SELECT * FROM intervention_with_assignments WHERE id = $1;

-- name: lock
-- Hold an intervention against change until the transaction ends; its alert must be held first.
SELECT id FROM intervention WHERE id = $1 FOR UPDATE;

-- name: alert_of
-- The alert that an intervention answers; that never changes.
SELECT alert_id FROM intervention WHERE id = $1;

-- name: lock_alert
-- Hold the alert: always before the intervention, or two commands wait for each other.
SELECT id FROM alert WHERE id = $1 FOR UPDATE;

-- name: of_alert
-- The intervention that answers an alert.
SELECT * FROM intervention_with_assignments WHERE alert_id = $1;

-- name: current_of
-- The open intervention that a unit is on, the latest assigned one.
SELECT intervention.* FROM intervention_with_assignments AS intervention
JOIN assignment ON assignment.intervention_id = intervention.id
WHERE assignment.unit_id = $1 AND assignment.cleared_at IS NULL
  AND intervention.closed_at IS NULL
ORDER BY assignment.assigned_at DESC LIMIT 1;

-- name: add
-- A new intervention; no row when the id is already there.
INSERT INTO intervention
    (id, commune_id, alert_id, kind, lon, lat, place, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: change
-- Closing, and the report.
UPDATE intervention SET closed_at = $2, closed_by = $3, report = $4 WHERE id = $1;

-- name: put_assignment
-- A unit's part, new or as it is now.
INSERT INTO assignment
    (intervention_id, unit_id, assigned_at, en_route_at, on_scene_at, cleared_at, by_radio)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (intervention_id, unit_id) DO UPDATE SET
    assigned_at = excluded.assigned_at, en_route_at = excluded.en_route_at,
    on_scene_at = excluded.on_scene_at, cleared_at = excluded.cleared_at,
    by_radio = excluded.by_radio;

-- name: units_of_commune
-- How many of these units are the commune's.
SELECT count(*) FROM unit WHERE id = ANY ($1::uuid[]) AND commune_id = $2;

-- name: guidance
-- One message to a unit.
SELECT * FROM guidance WHERE id = $1;

-- name: guidance_locked
-- The same, held against change until the transaction ends.
SELECT * FROM guidance WHERE id = $1 FOR UPDATE;

-- name: guidance_of_unit
-- What was sent to a unit since then, newest first.
SELECT * FROM guidance WHERE unit_id = $1 AND sent_at >= $2 ORDER BY sent_at DESC, id LIMIT 100;

-- name: add_guidance
-- A new message; no row when the id is already there.
INSERT INTO guidance
    (id, commune_id, unit_id, intervention_id, lon, lat, place, text, sent_by, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: change_guidance
-- It arrived, it was read.
UPDATE guidance SET arrived_at = $2, read_at = $3 WHERE id = $1;
