-- Whether hosts' clocks are believed, by which recordings are destroyed.

-- name: clock_locked
-- What was believed of a host's clock, held against change.
SELECT * FROM recording_clock WHERE host = $1 FOR UPDATE;

-- name: note_clock
-- What is believed of it now.
INSERT INTO recording_clock (host, wall, database, boot, steady, is_set, latest, ahead, apart,
    is_anchored, is_settling, doubt, doubted_since)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    CASE WHEN $12::text IS NOT NULL THEN $2::timestamptz END)
ON CONFLICT (host) DO UPDATE SET wall = $2, database = $3, boot = $4, steady = $5, is_set = $6,
    latest = $7, ahead = $8, apart = $9, is_anchored = $10, is_settling = $11, doubt = $12,
    doubted_since = CASE WHEN $12::text IS NOT NULL
        THEN coalesce(recording_clock.doubted_since, $2::timestamptz) END;

-- name: clocks
-- What is believed of the clocks of those hosts that have volumes of some communes.
SELECT * FROM recording_clock WHERE host IN (
    SELECT split_part(split_part(holder, '@', 2), '/', 1) FROM recording_volume
    WHERE commune_id = ANY ($1::uuid[])
) ORDER BY host;

-- name: database_clock
-- What the database's own clock says.
SELECT clock_timestamp();

-- name: dated_ahead
-- Pictures of a volume that are dated in the future were taken by now, and go as if now.
UPDATE recording_segment
SET taken_by = $2::timestamptz, keep_until = least(keep_until, $2::timestamptz + keep_days * interval '24 hours')
WHERE volume = $1 AND started_at > $2::timestamptz + $3::interval AND taken_by IS NULL AND destroyed_at IS NULL;
