-- The register: append-only, chained. It is written in books.py.

-- name: from_number
-- The entries from a number on, oldest first, at most so many.
SELECT number, at, actor, action, about, commune_id, motive, data, previous_hash, hash
FROM register WHERE number >= $1 ORDER BY number LIMIT $2;

-- name: page
-- A screen's page: what concerns one commune, or the installation, newest first.
SELECT number, at, actor, action, about, commune_id, motive, data, previous_hash, hash
FROM register
WHERE (commune_id = $1 OR commune_id IS NULL) AND number < $2
ORDER BY number DESC LIMIT $3;

-- name: names
-- The names of the people and devices that entries give as their actors.
SELECT 'person:' || id AS actor, name FROM person WHERE id = ANY ($1::uuid[])
UNION ALL
SELECT 'device:' || id, name FROM device WHERE id = ANY ($1::uuid[]);

-- name: head
-- The newest entry's number and hash.
SELECT number, hash, at FROM register ORDER BY number DESC LIMIT 1;
