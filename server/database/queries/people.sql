-- People, their habilitations, what they sign in with.

-- name: by_id
-- One person with all habilitations.
SELECT * FROM person_with_grants WHERE id = $1;

-- name: by_id_locked
-- The same, held against change until the transaction ends.
SELECT * FROM person_with_grants WHERE id = $1 FOR UPDATE;

-- name: by_sign_in
-- Who signs in under this name, in any case of letters.
SELECT * FROM person_with_grants WHERE lower(sign_in) = lower($1);

-- name: of_communes
-- People kept by these communes, or with a habilitation, past or present, in one of them.
SELECT * FROM person_with_grants AS person
WHERE commune_id = ANY ($1::uuid[])
   OR EXISTS (SELECT FROM habilitation AS h
              WHERE h.person_id = person.id AND h.commune_id = ANY ($1::uuid[]))
ORDER BY lower(name), id;

-- name: add
-- A new person; no row when the id is already there.
INSERT INTO person (id, commune_id, name, sign_in, locale, password_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: change
-- What an administrator may change of a person.
UPDATE person SET name = $2, locale = $3, disabled_at = $4 WHERE id = $1;

-- name: failed
-- One more refused sign-in, and until when the person is locked out, if at all.
UPDATE person SET failed_sign_ins = $2, locked_until = $3 WHERE id = $1 RETURNING commune_id;

-- name: succeeded
-- Signed in: the count of refusals begins again.
UPDATE person SET failed_sign_ins = 0, locked_until = NULL WHERE id = $1 RETURNING commune_id;

-- name: set_password
-- A new password ends a lock-out too.
UPDATE person SET password_hash = $2, failed_sign_ins = 0, locked_until = NULL
WHERE id = $1 RETURNING commune_id;

-- name: add_grant
-- A habilitation; no row when the id is already there.
INSERT INTO habilitation
    (id, person_id, commune_id, role, act_reference, starts_at, ends_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: revoke_grant
-- End a habilitation at once; the first time stays.
UPDATE habilitation SET revoked_at = coalesce(revoked_at, $3)
WHERE person_id = $1 AND id = $2 RETURNING commune_id, role;

-- name: revoke_sessions
-- End all sessions of a person, save perhaps the one that asks.
UPDATE session SET revoked_at = $2
WHERE person_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $3 RETURNING id;

-- name: names
-- The names of some people.
SELECT id, name FROM person WHERE id = ANY ($1::uuid[]);
