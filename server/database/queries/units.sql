-- Units, devices and shifts.

-- name: unit
-- One unit.
SELECT * FROM unit WHERE id = $1;

-- name: unit_locked
-- The same, held against change until the transaction ends.
SELECT * FROM unit WHERE id = $1 FOR UPDATE;

-- name: units_of
-- Units of some communes by call sign, those out of use last.
SELECT * FROM unit WHERE commune_id = ANY ($1::uuid[])
ORDER BY disabled_at IS NOT NULL, call_sign, id;

-- name: units_in_use
-- A commune's units that are in use, by call sign.
SELECT * FROM unit WHERE commune_id = $1 AND disabled_at IS NULL ORDER BY call_sign, id;

-- name: add_unit
-- A new unit; no row when the id is already there.
INSERT INTO unit (id, commune_id, call_sign, kind, armed, disabled_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: change_unit
-- What an administrator may change of a unit.
UPDATE unit SET call_sign = $2, kind = $3, armed = $4, disabled_at = $5 WHERE id = $1;

-- name: shift
-- One shift.
SELECT * FROM shift WHERE id = $1;

-- name: shift_locked
-- The same, held against change until the transaction ends.
SELECT * FROM shift WHERE id = $1 FOR UPDATE;

-- name: shift_shared
-- The same, held so that it can't end or break before the transaction does.
SELECT * FROM shift WHERE id = $1 FOR SHARE;

-- name: running_shift_locked
-- The shift that a device is on.
SELECT * FROM shift WHERE device_id = $1 AND ended_at IS NULL FOR UPDATE;

-- name: add_shift
-- A new shift; no row when the id is already there.
INSERT INTO shift (id, commune_id, unit_id, device_id, person_id, started_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: change_shift
-- Breaks and the end.
UPDATE shift SET break_since = $2, resumed_at = $3, ended_at = $4 WHERE id = $1;
