-- Who speaks through which camera, and the announcements that a commune has.

-- name: one_talker_at_a_time
-- Held until the transaction ends, also where nobody has spoken through the camera yet.
SELECT id FROM camera WHERE id = $1 FOR UPDATE;

-- name: on_at
-- The talk that goes on at a camera, or whose end nobody has told.
SELECT * FROM talk WHERE camera_id = $1 AND ended_at IS NULL;

-- name: begin
-- Before the first sound.
INSERT INTO talk
    (id, commune_id, camera_id, person_id, session_id, holder, motive, announcement_id, started_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: get
-- One talk, over or not.
SELECT * FROM talk WHERE id = $1;

-- name: locked
-- One talk that goes on, to end it.
SELECT * FROM talk WHERE id = $1 AND ended_at IS NULL FOR UPDATE;

-- name: end
-- It is over.
UPDATE talk SET ended_at = $2, sounded = $3 WHERE id = $1;

-- name: open
-- Those that go on, of one person or of all; $1 NULL: of all.
SELECT * FROM talk WHERE ended_at IS NULL AND ($1::uuid IS NULL OR person_id = $1);

-- name: open_of_holder
-- Those that go through a media process.
SELECT * FROM talk WHERE ended_at IS NULL AND holder = $1 FOR UPDATE;

-- name: announcements
-- Of these communes, in use, without their sound.
SELECT id, commune_id, name, text, lasts FROM announcement
WHERE commune_id = ANY ($1::uuid[]) AND retired_at IS NULL ORDER BY name, id;

-- name: announcement
-- One announcement in use, without its sound.
SELECT id, commune_id, name, text, lasts FROM announcement WHERE id = $1 AND retired_at IS NULL;

-- name: commune_locked
-- Its list of announcements, held against change.
SELECT id FROM commune WHERE id = $1 FOR UPDATE;

-- name: count_announcements
-- How many a commune has in use.
SELECT count(*) FROM announcement WHERE commune_id = $1 AND retired_at IS NULL;

-- name: add_announcement
-- One more.
INSERT INTO announcement (id, commune_id, name, text, lasts, audio, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: audio
-- What sounds.
SELECT audio FROM announcement WHERE id = $1 AND retired_at IS NULL;

-- name: retire
-- Out of use.
UPDATE announcement SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL RETURNING id;
