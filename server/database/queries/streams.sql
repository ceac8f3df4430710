-- Live streams of patrols, and who is watching what.

-- name: stream
-- One patrol stream.
SELECT * FROM patrol_stream WHERE id = $1;

-- name: open_of_device
-- The stream that a device publishes, the latest.
SELECT * FROM patrol_stream WHERE device_id = $1 AND ended_at IS NULL
ORDER BY started_at DESC LIMIT 1;

-- name: all_open
-- All streams that are published now.
SELECT * FROM patrol_stream WHERE ended_at IS NULL ORDER BY started_at;

-- name: begin
-- A new stream; no row when the id is already there.
INSERT INTO patrol_stream
    (id, commune_id, device_id, unit_id, person_id, reason, started_at, intervention_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: received
-- An operator says that he has it; the first one stays.
UPDATE patrol_stream SET received_at = $2, received_by = $3
WHERE id = $1 AND received_at IS NULL RETURNING id;

-- name: note_live
-- Whether pictures come in now; no row when that is known, or the stream is over.
UPDATE patrol_stream SET live = $2, since = $3
WHERE id = $1 AND ended_at IS NULL AND (live IS DISTINCT FROM $2 OR since IS NULL)
RETURNING commune_id;

-- name: end_streams
-- End one stream, a device's, or those of an intervention; each NULL matches nothing.
UPDATE patrol_stream SET ended_at = $4, live = false, since = $4
WHERE ended_at IS NULL AND (id = $1 OR device_id = $2 OR intervention_id = $3)
RETURNING *;

-- name: note_lost
-- Streams said to be live that no media process holds: it died, and the patrol did not come back.
UPDATE patrol_stream SET live = false, since = $1
WHERE ended_at IS NULL AND live
    AND NOT EXISTS (
        SELECT FROM lease
        WHERE lease.name = 'stream:' || patrol_stream.id AND lease.expires_at > clock_timestamp()
    )
RETURNING id, commune_id;

-- name: abandoned
-- Streams without a picture since then.
SELECT id FROM patrol_stream
WHERE ended_at IS NULL AND NOT live AND coalesce(since, started_at) < $1;

-- name: lock_viewer
-- Whoever begins to watch as this person waits for his turn: two can't take the last place.
SELECT id FROM person WHERE id = $1 FOR NO KEY UPDATE;

-- name: count_viewings
-- How many pictures a person, or a device, has open; the other is NULL.
SELECT count(*) FROM viewing WHERE ended_at IS NULL AND (person_id = $1 OR device_id = $2);

-- name: start_viewing
-- Somebody watches; no row when the id is already there.
INSERT INTO viewing
    (id, commune_id, stream_id, camera_id, person_id, session_id, device_id, holder, motive,
     started_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: viewing
-- One viewing.
SELECT * FROM viewing WHERE id = $1;

-- name: end_viewing
-- He watches no more; no row when that was known.
UPDATE viewing SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING *;

-- name: end_viewings_of_holder
-- A media process is gone: nobody watches through it any more.
UPDATE viewing SET ended_at = $2 WHERE holder = $1 AND ended_at IS NULL RETURNING *;

-- name: open_viewings
-- Who watches now: by person, device, session or stream; each NULL matches nothing.
SELECT * FROM viewing
WHERE ended_at IS NULL
  AND (person_id = $1 OR device_id = $2 OR session_id = $3 OR stream_id = $4)
ORDER BY started_at;

-- name: watchers
-- Who watches a stream now, by name, the longest first.
SELECT viewing.id, viewing.person_id, person.name, viewing.device_id, viewing.started_at
FROM viewing JOIN person ON person.id = viewing.person_id
WHERE viewing.ended_at IS NULL AND viewing.stream_id = ANY ($1)
ORDER BY viewing.started_at, viewing.id;

-- name: streams_beside
-- A stream and the others of the same camera: the large picture and the small one.
SELECT $1::uuid AS stream_id
UNION
SELECT unnest(ARRAY[main_stream_id, sub_stream_id]) FROM camera
WHERE $1 IN (main_stream_id, sub_stream_id);

-- name: all_open_viewings
-- All who watch now.
SELECT * FROM viewing WHERE ended_at IS NULL ORDER BY started_at;

-- name: watched_through
-- What is watched through these media processes now.
SELECT DISTINCT stream_id, holder FROM viewing WHERE ended_at IS NULL AND holder = ANY ($1);

-- name: loads
-- How many watch through each media process now, and how many of them one stream.
SELECT holder, count(*) AS viewers, count(*) FILTER (WHERE stream_id = $1) AS of_stream
FROM viewing WHERE ended_at IS NULL GROUP BY holder;

-- name: masks_version
-- Which masks of a camera are in force; NULL: none were decided.
SELECT version FROM camera_masks_now WHERE camera_id = $1;
