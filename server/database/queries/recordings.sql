-- Recordings: decisions, segments, holds and receipts.

-- name: decision
-- What a commune has decided last; no row: it records nothing.
SELECT commune_id, days, decided_at FROM recording_decision_now WHERE commune_id = $1;

-- name: decide
-- Another decision.
INSERT INTO recording_decision (commune_id, days, decided_at, decided_by)
VALUES ($1, $2, $3, $4);

-- name: shorten
-- Pictures already taken go sooner; they are never kept longer.
UPDATE recording_segment
SET keep_days = $2, keep_until = least(started_at, taken_by) + $2 * interval '24 hours'
WHERE commune_id = $1 AND keep_days > $2 AND destroyed_at IS NULL;

-- name: camera_locked
-- Whether a camera may be recorded, held against change.
SELECT commune_id, never_recorded FROM camera WHERE id = $1 AND disabled_at IS NULL FOR UPDATE;

-- name: set_never
-- Keep a camera out of the recorder, or let it in again.
UPDATE camera SET never_recorded = $2 WHERE id = $1;

-- name: never_recorded
-- The cameras of a commune that are kept out of the recorder.
SELECT id FROM camera WHERE commune_id = $1 AND never_recorded AND disabled_at IS NULL;

-- name: wanted
-- The streams to be recorded now: cameras' main streams, and patrols'.
SELECT camera.main_stream_id AS stream_id, camera.commune_id, camera.id AS camera_id, days,
    NULL AS since
FROM camera JOIN recording_decision_now USING (commune_id)
WHERE days IS NOT NULL AND camera.disabled_at IS NULL AND NOT camera.never_recorded
UNION ALL
SELECT patrol_stream.id, patrol_stream.commune_id, NULL, days, patrol_stream.started_at
FROM patrol_stream JOIN recording_decision_now USING (commune_id)
WHERE days IS NOT NULL AND patrol_stream.ended_at IS NULL;

-- name: last_hashes
-- The hash of the newest closed file of each of some sources.
SELECT asked.source, newest.sha256 FROM unnest($1::uuid[]) AS asked (source), LATERAL (
    SELECT sha256 FROM recording_segment
    WHERE source = asked.source AND sha256 IS NOT NULL ORDER BY started_at DESC LIMIT 1
) AS newest;

-- name: lock_decisions
-- Nothing is decided until the transaction ends.
LOCK TABLE recording_decision IN SHARE MODE;

-- name: decisions
-- All that a commune has decided.
SELECT commune_id, days, decided_at FROM recording_decision WHERE commune_id = $1 ORDER BY id;

-- name: note
-- A segment is begun, has grown, is closed or was found.
INSERT INTO recording_segment (id, commune_id, stream_id, camera_id, source, volume, path,
    started_at, ended_at, keep_days, keep_until, codec, with_sound, pictures, size, previous,
    sha256, whole, cues, masks_version)
VALUES ($1, $2, $3::uuid, $4::uuid, coalesce($4::uuid, $3::uuid), $5, $6, $7::timestamptz, $8,
    $9::integer, $7::timestamptz + $9::integer * interval '24 hours', $10, $11, $12, $13, $14, $15,
    $16, $17,
    (SELECT max(version) FROM camera_masks
     WHERE camera_id = $4::uuid AND decided_at <= $7::timestamptz))
ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, pictures = excluded.pictures,
    size = excluded.size, sha256 = excluded.sha256, whole = excluded.whole,
    cues = excluded.cues
WHERE recording_segment.sha256 IS NULL;

-- name: known
-- What the index says of some files' segments, and where the volume that it names was seen last.
SELECT segment.id, segment.volume, path, sha256 IS NOT NULL AS is_closed,
    doomed_at IS NOT NULL AS is_doomed, destroyed_at IS NOT NULL AS is_destroyed, holder, seen_at
FROM recording_segment AS segment LEFT JOIN recording_volume ON recording_volume.id = segment.volume
WHERE segment.id = ANY ($1::uuid[]) AND segment.commune_id = $2;

-- name: follow
-- Files lie somewhere else now.
UPDATE recording_segment SET volume = $2, path = moved.path
FROM unnest($1::uuid[], $3::text[]) AS moved (id, path) WHERE recording_segment.id = moved.id;

-- name: take_over
-- What else the index has of a volume whose files lie on another one.
UPDATE recording_segment SET volume = $2 WHERE volume = $1;

-- name: forget_volumes
-- Volumes of which nothing is left, nor to be signed, and which nobody sees any more.
DELETE FROM recording_volume WHERE commune_id = $1 AND id <> $2 AND seen_at < $3
    AND NOT EXISTS (SELECT FROM recording_segment WHERE volume = recording_volume.id);

-- name: lock_holds
-- No hold is placed until the transaction ends.
LOCK TABLE recording_hold IN SHARE MODE;

-- name: holds_in_force
-- The holds that keep something of a commune.
SELECT * FROM recording_hold WHERE commune_id = $1 AND lifted_at IS NULL;

-- name: due
-- What is past its hour on a volume and not held, the oldest first.
SELECT * FROM recording_segment_unheld
WHERE volume = $1 AND keep_until <= $2 AND doomed_at IS NULL
ORDER BY keep_until LIMIT $3;

-- name: oldest
-- The oldest closed segments of a volume that are not held.
SELECT * FROM recording_segment_unheld
WHERE volume = $1 AND doomed_at IS NULL AND sha256 IS NOT NULL
ORDER BY started_at LIMIT $2;

-- name: doom
-- They are taken from all readers.
UPDATE recording_segment SET doomed_at = $2, doomed_why = $3 WHERE id = ANY ($1::uuid[]);

-- name: doomed
-- What is to be destroyed on a volume, decided already.
SELECT id, path, doomed_why FROM recording_segment
WHERE volume = $1 AND doomed_at IS NOT NULL AND destroyed_at IS NULL LIMIT $2;

-- name: destroyed
-- Their files are gone.
UPDATE recording_segment SET destroyed_at = $2, destroyed_why = $3 WHERE id = ANY ($1::uuid[]);

-- name: overdue
-- How many are past their hour and still there, though no hold keeps them; since when the first is.
SELECT count(*), min(keep_until) AS since FROM recording_segment_unheld
WHERE volume = $1 AND keep_until <= $2;

-- name: to_come
-- What will make room on a volume: how many bytes go by which day, held ones left out.
SELECT date_bin('6 hours', keep_until, 'epoch') AS at, sum(size)::bigint AS size
FROM recording_segment_unheld WHERE volume = $1 GROUP BY 1 ORDER BY 1;

-- name: came
-- How many bytes were recorded on a volume since then, and when the first of them.
SELECT coalesce(sum(size), 0)::bigint AS size, min(started_at) AS since FROM recording_segment
WHERE volume = $1 AND started_at >= $2;

-- name: note_volume
-- A volume as it was last seen.
INSERT INTO recording_volume (id, commune_id, holder, free_bytes, total_bytes, full_at, trouble,
    trouble_since, overdue, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7 = '' THEN NULL ELSE $9::timestamptz END, $8, $9)
ON CONFLICT (id) DO UPDATE SET holder = $3, free_bytes = $4, total_bytes = $5, full_at = $6,
    trouble = $7, overdue = $8, seen_at = $9, gone_at = NULL, trouble_since = CASE WHEN $7 = '' THEN NULL
        WHEN recording_volume.trouble = '' THEN $9 ELSE recording_volume.trouble_since END;

-- name: volumes
-- The volumes of some communes; or all that are seen, or would be missed if they are not.
SELECT * FROM recording_volume AS volume
WHERE gone_at IS NULL AND CASE WHEN $1::uuid[] IS NOT NULL THEN commune_id = ANY ($1::uuid[])
    ELSE seen_at > $2 OR EXISTS (
        SELECT FROM recording_segment AS segment
        WHERE segment.volume = volume.id AND segment.destroyed_at IS NULL
    ) END
ORDER BY seen_at DESC;

-- name: volume_locked
-- One volume of a commune, held against change: its keeper can't note that it is there.
SELECT * FROM recording_volume WHERE id = $1 AND commune_id = $2 AND gone_at IS NULL FOR UPDATE;

-- name: loss
-- What would be lost with a volume.
SELECT count(*) AS segments, (SELECT count(*) FROM recording_segment
    WHERE volume = $1 AND destroyed_at IS NULL)
    - (SELECT count(*) FROM recording_segment_unheld WHERE volume = $1) AS held
FROM recording_segment WHERE volume = $1 AND destroyed_at IS NULL;

-- name: declare_gone
-- It is gone for good.
UPDATE recording_volume SET gone_at = $2 WHERE id = $1;

-- name: gone_volume
-- A volume that was declared gone, held against change: it may be seen again.
SELECT * FROM recording_volume WHERE gone_at IS NOT NULL ORDER BY gone_at, id LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: gone_with_it
-- Some recordings of one source that were on it; those that had been destroyed as well.
SELECT * FROM recording_segment WHERE volume = $1 AND source = (
    SELECT source FROM recording_segment WHERE volume = $1 LIMIT 1
) ORDER BY started_at LIMIT $2;

-- name: written_off
-- Receipts say what it was.
DELETE FROM recording_segment WHERE id = ANY ($1::uuid[]);

-- name: forget_volume
-- Nothing is left of it.
DELETE FROM recording_volume WHERE id = $1;

-- name: sources_to_sign
-- The sources of a volume of which something was destroyed before then that has no receipt yet.
SELECT DISTINCT source FROM recording_segment WHERE volume = $1 AND destroyed_at < $2 LIMIT $3;

-- name: to_sign
-- What was destroyed of one source before then.
SELECT * FROM recording_segment WHERE volume = $1 AND source = $2 AND destroyed_at < $3 FOR UPDATE;

-- name: sign
-- A receipt.
INSERT INTO recording_receipt (id, commune_id, source, day, body, signature, signed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: forget
-- The receipt says it now.
DELETE FROM recording_segment WHERE id = ANY ($1::uuid[]) AND destroyed_at IS NOT NULL;

-- name: receipts
-- The receipts of a commune's days, the newest first.
SELECT * FROM recording_receipt
WHERE commune_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day DESC, source, id LIMIT $4;

-- name: place
-- A new hold; no row when the id is already there.
INSERT INTO recording_hold
    (id, commune_id, requisition, sources, starts_at, ends_at, placed_at, placed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: held_now
-- How many segments a hold keeps that are there, and their bytes. One that is being written may
-- have grown since the index was told, as in `of_hours`.
SELECT count(*), coalesce(sum(size), 0)::bigint AS size FROM recording_segment
WHERE commune_id = $1 AND source = ANY ($2::uuid[]) AND started_at < $4
    AND (ended_at >= $3 OR sha256 IS NULL AND started_at >= $3::timestamptz - interval '1 hour')
    AND doomed_at IS NULL AND destroyed_at IS NULL;

-- name: hold
-- One hold.
SELECT * FROM recording_hold WHERE id = $1;

-- name: hold_locked
-- The same, held against change.
SELECT * FROM recording_hold WHERE id = $1 FOR UPDATE;

-- name: lift
-- A hold is lifted.
UPDATE recording_hold SET lifted_at = $2, lifted_by = $3, lifted_because = $4 WHERE id = $1;

-- name: holds_kept
-- All holds of some communes, the newest first, and what each keeps that is there.
SELECT hold.*, kept.count, kept.size FROM (
    SELECT * FROM recording_hold WHERE commune_id = ANY ($1::uuid[])
    ORDER BY placed_at DESC, id LIMIT 500
) AS hold, LATERAL (
    SELECT count(*), coalesce(sum(size), 0)::bigint AS size FROM recording_segment AS segment
    WHERE segment.commune_id = hold.commune_id AND segment.source = ANY (hold.sources)
        AND segment.started_at < hold.ends_at
        AND (segment.ended_at >= hold.starts_at
            OR sha256 IS NULL AND started_at >= hold.starts_at - interval '1 hour')
        AND doomed_at IS NULL AND destroyed_at IS NULL
) AS kept ORDER BY placed_at DESC, id;

-- name: sources_of
-- Which of these sources are the commune's own cameras, or streams of its patrols.
SELECT id FROM camera WHERE commune_id = $1 AND id = ANY ($2::uuid[])
UNION ALL
SELECT id FROM patrol_stream WHERE commune_id = $1 AND id = ANY ($2::uuid[]);

-- name: of_hours
-- What may be shown of a source in some hours, in order. Not what is past its hour and no hold
-- keeps, though a disk or a process that stands still has it yet. One that is being written may
-- have grown since the index was told.
SELECT segment.*, recording_volume.holder FROM recording_segment AS segment
LEFT JOIN recording_volume ON recording_volume.id = segment.volume
WHERE source = $1 AND segment.commune_id = $2 AND started_at < $4
    AND (ended_at >= $3 OR sha256 IS NULL AND started_at >= $3::timestamptz - interval '1 hour')
    AND doomed_at IS NULL AND destroyed_at IS NULL
    AND NOT EXISTS (SELECT FROM recording_segment_unheld AS past
                    WHERE past.id = segment.id AND past.keep_until <= $6)
ORDER BY started_at LIMIT $5;

-- name: segment
-- One segment that may be shown, and the process that reads its volume.
SELECT segment.*, recording_volume.holder FROM recording_segment AS segment
LEFT JOIN recording_volume ON recording_volume.id = segment.volume
WHERE segment.id = $1 AND doomed_at IS NULL AND destroyed_at IS NULL
    AND NOT EXISTS (SELECT FROM recording_segment_unheld AS past
                    WHERE past.id = segment.id AND past.keep_until <= $2);

-- name: shown_of
-- Which of some segments may be shown.
SELECT segment.id FROM recording_segment AS segment
WHERE segment.id = ANY ($1::uuid[]) AND doomed_at IS NULL AND destroyed_at IS NULL
    AND NOT EXISTS (SELECT FROM recording_segment_unheld AS past
                    WHERE past.id = segment.id AND past.keep_until <= $2);

-- name: note_cues
-- The cues of a segment that was closed without any.
UPDATE recording_segment SET cues = $2 WHERE id = $1 AND sha256 IS NOT NULL;

-- name: open_playback
-- Leave to look; no row when the id is already there.
INSERT INTO recording_playback
    (id, commune_id, source, person_id, starts_at, ends_at, opened_at, motive)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: playback
-- One leave to look.
SELECT * FROM recording_playback WHERE id = $1;

-- name: playback_motive
-- Why somebody looks.
SELECT motive FROM recording_playback WHERE id = $1;

-- name: recorded
-- The same as of_hours without the cues, which weigh more than all the rest.
SELECT segment.id, segment.commune_id, stream_id, camera_id, started_at, ended_at, keep_days, size,
    taken_by, sha256, codec, path, NULL::bytea AS cues, recording_volume.holder
FROM recording_segment AS segment
LEFT JOIN recording_volume ON recording_volume.id = segment.volume
WHERE source = $1 AND segment.commune_id = $2 AND started_at < $4
    AND (ended_at >= $3 OR sha256 IS NULL AND started_at >= $3::timestamptz - interval '1 hour')
    AND doomed_at IS NULL AND destroyed_at IS NULL
    AND NOT EXISTS (SELECT FROM recording_segment_unheld AS past
                    WHERE past.id = segment.id AND past.keep_until <= $6)
ORDER BY started_at LIMIT $5;

-- name: alerts_beside
-- Alerts of a camera in some hours, or those that a patrol's agent raised while it filmed.
SELECT id, kind, state, raised_at FROM alert
WHERE commune_id = $2 AND raised_at >= $3 AND raised_at < $4 AND (camera_id = $1
    OR EXISTS (SELECT FROM patrol_stream AS stream
               WHERE stream.id = $1 AND stream.person_id = alert.raised_by
                   AND alert.raised_at BETWEEN stream.started_at
                       AND coalesce(stream.ended_at, 'infinity')))
ORDER BY raised_at LIMIT $5;

-- name: events_beside
-- Events of a camera in some hours.
SELECT id, kind, opened_at, closed_at FROM event
WHERE camera_id = $1 AND commune_id = $2 AND opened_at < $4
    AND (opened_at >= $3 OR closed_at >= $3)
ORDER BY opened_at LIMIT $5;
