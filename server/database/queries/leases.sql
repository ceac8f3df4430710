-- Leases: the server's clock decides when one has ended, so that hosts need not agree on the time.

-- name: acquire
-- Take a name that is free, expired or already ours; no row when somebody else holds it.
INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, now() + $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE lease.holder = excluded.holder OR lease.expires_at <= now()
RETURNING name, holder, expires_at;

-- name: make_claimable
-- Give each name a row, so that claim_many has something to lock.
INSERT INTO lease (name, holder, expires_at)
SELECT name, $2, '-infinity' FROM unnest($1::text[]) AS name
ON CONFLICT (name) DO NOTHING;

-- name: claim_many
-- Take up to $4 of these names that are free, expired or ours, those that we hold first; who is
-- locked is passed by.
UPDATE lease SET holder = $2, expires_at = now() + $3
WHERE name IN (
    SELECT name FROM lease
    WHERE name = ANY ($1::text[]) AND (expires_at <= now() OR holder = $2)
    ORDER BY (holder = $2 AND expires_at > now()) DESC, name
    LIMIT $4
    FOR UPDATE SKIP LOCKED
)
RETURNING name, holder, expires_at;

-- name: renew
-- Hold for as long again what is still ours, many in one statement.
UPDATE lease SET expires_at = now() + $3
WHERE name = ANY ($1::text[]) AND holder = $2
RETURNING name, holder, expires_at;

-- name: release
-- Give back what is ours.
DELETE FROM lease WHERE name = ANY ($1::text[]) AND holder = $2;

-- name: holder
-- Who holds a name now, or NULL.
SELECT holder FROM lease WHERE name = $1 AND expires_at > now();

-- name: held
-- All that is held now under names that begin like this.
SELECT name, holder, expires_at FROM lease
WHERE starts_with(name, $1) AND expires_at > now() ORDER BY name;

-- name: first_end_of_others
-- How long until the first of these leases that another holds has ended, unless it is renewed.
SELECT min(expires_at) - now() FROM lease
WHERE starts_with(name, $1) AND holder <> $2 AND expires_at > now();
