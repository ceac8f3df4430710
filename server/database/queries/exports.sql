-- Exports: stills and clips that are taken out of the recordings.

-- name: add
-- A new one; no row when the id is already there.
INSERT INTO recording_export (id, kind, commune_id, source, playback_id, person_id, motive,
    starts_at, ends_at, asked_at, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: get
-- One of them.
SELECT * FROM recording_export WHERE id = $1;

-- name: lock_waiting
-- Nobody asks for another until the transaction ends.
LOCK TABLE recording_export IN SHARE ROW EXCLUSIVE MODE;

-- name: count_waiting
-- How many clips of a person are not made yet.
SELECT count(*) FROM recording_export
WHERE person_id = $1 AND kind = 'clip' AND state IN ('waiting', 'making');

-- name: next
-- The clip to be made next; one that was begun by a process that is gone comes first.
SELECT * FROM recording_export
WHERE state IN ('waiting', 'making') AND (try_at IS NULL OR try_at <= $1)
ORDER BY state = 'waiting', asked_at LIMIT 1;

-- name: begin
-- It is being made.
UPDATE recording_export SET state = 'making' WHERE id = $1;

-- name: ready
-- It is there.
UPDATE recording_export SET state = 'ready', made_at = $2, keep_until = $3, size = $4, sha256 = $5,
    manifest = $6, signature = $7, reason = '', try_at = NULL
WHERE id = $1;

-- name: failing
-- It can't be made just now; give since when.
UPDATE recording_export SET failing_since = coalesce(failing_since, $2) WHERE id = $1
RETURNING failing_since;

-- name: again
-- It is tried again later.
UPDATE recording_export SET state = 'waiting', reason = $2, try_at = $3 WHERE id = $1;

-- name: failed
-- It can't be made.
UPDATE recording_export SET state = 'failed', reason = $2, made_at = $3, try_at = NULL WHERE id = $1;

-- name: due
-- Clips that go now.
SELECT * FROM recording_export WHERE state = 'ready' AND kind = 'clip' AND keep_until <= $1
ORDER BY keep_until LIMIT 100;

-- name: kept
-- Which of these clips have a file that is to be there.
SELECT id FROM recording_export WHERE id = ANY ($1::uuid[]) AND state = 'ready';

-- name: gone
-- Its file is destroyed; what it was stays as long as who asked may ask.
UPDATE recording_export SET state = 'gone' WHERE id = $1;
