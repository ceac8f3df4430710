-- Positions: taken on shift only, kept for a short while.

-- name: add
-- A batch in one statement; a fix that is already there (sent twice) is passed by.
INSERT INTO position
    (fix_id, commune_id, unit_id, device_id, shift_id, lon, lat, accuracy_m, heading_deg,
     speed_mps, fixed_at, received_at)
SELECT fix_id, $2, $3, $4, $5, lon, lat, accuracy_m, heading_deg, speed_mps, fixed_at, $6
FROM unnest($1::uuid[], $7::float8[], $8::float8[], $9::float8[], $10::float8[], $11::float8[],
            $12::timestamptz[])
    AS fix (fix_id, lon, lat, accuracy_m, heading_deg, speed_mps, fixed_at)
ON CONFLICT (fix_id) DO NOTHING;

-- name: latest
-- The newest fix of the shifts that a unit is on now.
SELECT position.* FROM position JOIN shift ON shift.id = position.shift_id
WHERE position.unit_id = $1 AND shift.ended_at IS NULL
ORDER BY fixed_at DESC LIMIT 1;

-- name: track
-- Where a unit was, oldest first, at most so many.
SELECT * FROM position WHERE unit_id = $1 AND fixed_at >= $2 AND fixed_at <= $3
ORDER BY fixed_at LIMIT $4;

-- name: moved_since
-- Each unit's newest fix among those that came in after this.
SELECT DISTINCT ON (unit_id) * FROM position
WHERE received_at > $1 ORDER BY unit_id, fixed_at DESC;
