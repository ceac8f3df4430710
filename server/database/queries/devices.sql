-- Devices: enrolled once, known by the hash of a secret, reached by push.

-- name: by_token
-- The device with this token, its agent and its running shift.
SELECT * FROM device_in_hand WHERE token_hash = $1;

-- name: by_osmand
-- The device with this Traccar Client secret.
SELECT * FROM device_in_hand WHERE osmand_hash = $1;

-- name: in_hand
-- A device with its agent and its running shift.
SELECT * FROM device_in_hand WHERE id = $1;

-- name: by_id
-- One device.
SELECT * FROM device WHERE id = $1;

-- name: of_communes
-- Devices of some communes, with how they are reached.
SELECT device.*, push_subscription.channel AS push
FROM device LEFT JOIN push_subscription ON push_subscription.device_id = device.id
WHERE commune_id = ANY ($1::uuid[]) ORDER BY revoked_at IS NOT NULL, lower(name), id;

-- name: add
-- A new device, not yet enrolled; no row when the id is already there.
INSERT INTO device (id, commune_id, name, kind, person_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: drop_codes
-- A new code takes the place of the old ones.
DELETE FROM enrolment_code WHERE device_id = $1 AND used_at IS NULL;

-- name: add_code
-- A code that is good once.
INSERT INTO enrolment_code (code_hash, device_id, expires_at) VALUES ($1, $2, $3);

-- name: use_code
-- Use a code up; no row when it is unknown, used, out of date or of a revoked device.
UPDATE enrolment_code AS code SET used_at = $2 FROM device
WHERE code.code_hash = $1 AND code.used_at IS NULL AND code.expires_at > $2
  AND device.id = code.device_id AND device.revoked_at IS NULL
RETURNING device.id, device.commune_id, device.enrolled_at;

-- name: enrol
-- The secrets' hashes, in place of what was there.
UPDATE device SET token_hash = $2, osmand_hash = $3, pin_hash = $4, kind = coalesce($5, kind),
    enrolled_at = $6, seen_at = $6
WHERE id = $1;

-- name: seen
-- It was heard of.
UPDATE device SET seen_at = greatest(coalesce(seen_at, $2), $2) WHERE id = $1;

-- name: revoke
-- It opens nothing any more; the first time stays.
UPDATE device SET revoked_at = $2, token_hash = NULL, osmand_hash = NULL, pin_hash = NULL
WHERE id = $1 AND revoked_at IS NULL RETURNING commune_id;

-- name: pin_hash
-- What the agent's PIN is checked against.
SELECT pin_hash FROM device WHERE id = $1 AND revoked_at IS NULL;

-- name: subscription
-- Where a device's push messages go.
SELECT channel, address FROM push_subscription WHERE device_id = $1;

-- name: subscribe
-- Another address takes the place of the former.
INSERT INTO push_subscription (device_id, channel, address, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (device_id) DO UPDATE
SET channel = excluded.channel, address = excluded.address, created_at = excluded.created_at;

-- name: unsubscribe
-- No push messages any more.
DELETE FROM push_subscription WHERE device_id = $1;
