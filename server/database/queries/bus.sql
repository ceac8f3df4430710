-- The outbox and who has read how far. Rows come in commit order: see books.py.

-- name: after
-- The facts after a cursor, oldest first, at most so many.
SELECT seq, body FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2;

-- name: newest
-- The newest committed fact still kept, or NULL: followers begin after it.
SELECT max(seq) FROM outbox;

-- name: told_since
-- Whether a fact of these kinds came after one.
SELECT EXISTS (SELECT FROM outbox WHERE seq > $1 AND kind = ANY ($2::text[]));

-- name: cursor
-- How far a durable subscriber has read, or NULL for one never heard of.
SELECT seq FROM bus_cursor WHERE durable = $1;

-- name: move_cursor
-- Note that a durable subscriber has stored the work of all facts up to this one.
INSERT INTO bus_cursor (durable, seq) VALUES ($1, $2)
ON CONFLICT (durable) DO UPDATE SET seq = greatest(bus_cursor.seq, excluded.seq);

-- name: prune
-- Drop old facts that every durable subscriber has read, and very old ones that one has not.
DELETE FROM outbox
WHERE at < $1
  AND (at < $2 OR seq <= (SELECT coalesce(min(seq), 9223372036854775807) FROM bus_cursor));
