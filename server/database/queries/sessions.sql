-- Sessions and one-time links. A secret is kept as its SHA-256 only.

-- name: begin
-- A new session.
INSERT INTO session
    (token_hash, id, person_id, kind, csrf_token, created_at, seen_at, expires_at, address)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8);

-- name: by_token
-- The session with its person, unless it expired, was revoked, or the person is disabled.
SELECT session.id AS session_id, session.kind, session.csrf_token, session.expires_at,
       session.seen_at, person.*
FROM session JOIN person_with_grants AS person ON person.id = session.person_id
WHERE session.token_hash = $1 AND session.revoked_at IS NULL AND session.expires_at > $2
  AND (person.disabled_at IS NULL OR person.disabled_at > $2);

-- name: seen
-- It was used.
UPDATE session SET seen_at = greatest(seen_at, $2) WHERE id = $1;

-- name: is_open
-- Whether a session still holds.
SELECT EXISTS (SELECT FROM session WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2);

-- name: end
-- Signed out; no row when it had ended already.
UPDATE session SET revoked_at = $2 FROM person
WHERE session.id = $1 AND session.revoked_at IS NULL AND person.id = session.person_id
RETURNING session.person_id, person.commune_id;

-- name: add_link
-- A link that is good once.
INSERT INTO one_time_link (token_hash, purpose, person_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5);

-- name: drop_links
-- A new link takes the place of the unused ones for the same purpose and person.
DELETE FROM one_time_link
WHERE purpose = $1 AND person_id IS NOT DISTINCT FROM $2 AND used_at IS NULL;

-- name: link
-- A link that can still be used.
SELECT purpose, person_id, expires_at FROM one_time_link
WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2;

-- name: use_link
-- Use a link up; no row when somebody has, or it is out of date.
UPDATE one_time_link SET used_at = $2
WHERE token_hash = $1 AND purpose = $3 AND used_at IS NULL AND expires_at > $2
RETURNING person_id;

-- name: has_people
-- Whether anybody can sign in yet.
SELECT EXISTS (SELECT FROM person WHERE password_hash IS NOT NULL);

-- name: person_commune
-- Who keeps a person.
SELECT commune_id FROM person WHERE id = $1;
