-- Communes and the conventions between them.

-- name: by_id
-- One commune.
SELECT * FROM commune WHERE id = $1;

-- name: by_id_locked
-- The same, held against change until the transaction ends.
SELECT * FROM commune WHERE id = $1 FOR UPDATE;

-- name: by_ids
-- Some communes, by name.
SELECT * FROM commune WHERE id = ANY ($1::uuid[]) ORDER BY lower(name);

-- name: all
-- All communes of the installation, by name.
SELECT * FROM commune ORDER BY lower(name);

-- name: add
-- A new commune; no row when the id is already there.
INSERT INTO commune
    (id, name, lon, lat, profile, timezone, false_alerts_per_day, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: note_profile
-- What a commune is under from now on; after the one before, also by a clock that was set back.
INSERT INTO commune_profile (commune_id, since, profile, actor, reason)
SELECT $1::uuid, greatest($2::timestamptz, max(since) + interval '1 microsecond'), $3, $4, $5
FROM commune_profile WHERE commune_id = $1;

-- name: profiles
-- What a commune was under, and since when, the newest first.
SELECT profile, since, reason FROM commune_profile WHERE commune_id = $1 ORDER BY since DESC;

-- name: change
-- What an administrator may change of a commune.
UPDATE commune SET name = $2, lon = $3, lat = $4, profile = $5, timezone = $6,
    false_alerts_per_day = $7
WHERE id = $1;

-- name: conventions
-- Conventions in which one of these communes is owner or guest, newest first.
SELECT * FROM convention WHERE owner_id = ANY ($1::uuid[]) OR guest_id = ANY ($1::uuid[])
ORDER BY starts_at DESC, id;

-- name: opened_to
-- Conventions in force that open something to one of these communes.
SELECT * FROM convention
WHERE guest_id = ANY ($1::uuid[]) AND starts_at <= $2 AND ends_at > $2;

-- name: convention
-- One convention.
SELECT * FROM convention WHERE id = $1;

-- name: add_convention
-- A new convention; no row when the id is already there.
INSERT INTO convention (id, owner_id, guest_id, permissions, act_reference, starts_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: end_convention
-- A convention that ran ends now; see drop_convention for one that never began.
UPDATE convention SET ends_at = least(ends_at, $2)
WHERE id = $1 AND starts_at < $2 RETURNING id, owner_id, guest_id;

-- name: drop_convention
-- A convention that has not begun leaves nothing but its register entries.
DELETE FROM convention WHERE id = $1 AND starts_at >= $2 RETURNING id, owner_id, guest_id;
