-- The processes that are there, and where a stream is.

-- name: here
-- A process says that it is there.
INSERT INTO process
    (holder, role, url, tap_path, started_at, seen_at, clock_offset_ms, health, public_url)
VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8)
ON CONFLICT (holder) DO UPDATE SET
    role = excluded.role, url = excluded.url, tap_path = excluded.tap_path,
    started_at = excluded.started_at, seen_at = excluded.seen_at,
    clock_offset_ms = excluded.clock_offset_ms, health = excluded.health,
    public_url = excluded.public_url;

-- name: seen
-- It still is; no row when somebody removed it.
UPDATE process SET seen_at = $2, clock_offset_ms = coalesce($3, clock_offset_ms),
    health = coalesce($4, health)
WHERE holder = $1 RETURNING holder;

-- name: gone
-- It ended in good order.
DELETE FROM process WHERE holder = $1;

-- name: all
-- All that were ever heard and did not end in good order, by role.
SELECT * FROM process ORDER BY role, holder;

-- name: media
-- Media processes heard of since then, the one with the fewest leases first.
SELECT process.* FROM process
LEFT JOIN lease ON lease.holder = process.holder AND lease.expires_at > now()
WHERE process.role = 'media' AND process.seen_at > $1 AND process.url <> ''
GROUP BY process.holder ORDER BY count(lease.name), process.holder;

-- name: holding
-- The media process that holds a lease now.
SELECT process.* FROM lease JOIN process ON process.holder = lease.holder
WHERE lease.name = $1 AND lease.expires_at > now() AND process.url <> '';

-- name: place_stream
-- Place a patrol's stream with a media process: the lease is the process's from the start, even
-- if one that was last heard before $4 held it.
INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, now() + $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE lease.expires_at <= now() OR lease.holder = excluded.holder
        OR NOT EXISTS (
            SELECT FROM process WHERE process.holder = lease.holder AND process.seen_at > $4
        )
RETURNING holder;
