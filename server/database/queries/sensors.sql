-- Third parties' detectors, their secrets, and what they have reported.

-- name: sensor
-- One sensor.
SELECT * FROM sensor WHERE id = $1;

-- name: sensor_locked
-- The same, held against change until the transaction ends; with its commune's profile.
SELECT sensor.*, commune.profile FROM sensor JOIN commune ON commune.id = sensor.commune_id
WHERE sensor.id = $1 FOR UPDATE OF sensor;

-- name: of_communes
-- The sensors of some communes, by name.
SELECT * FROM sensor WHERE commune_id = ANY ($1::uuid[]) ORDER BY commune_id, lower(name), id;

-- name: named
-- Of these sensors, those of a commune: for demonstration as the commune is, or not.
SELECT sensor.id, commune.profile = 'demonstration' AS demonstration
FROM sensor JOIN commune ON commune.id = sensor.commune_id
WHERE sensor.id = ANY ($1::uuid[]) AND sensor.commune_id = $2;

-- name: add
-- A new sensor; no row when the id is already there.
INSERT INTO sensor
    (id, commune_id, name, sort, maker, kinds, lon, lat, place, disabled_at, secret, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: change
-- What an administrator may change of a sensor.
UPDATE sensor SET name = $2, sort = $3, maker = $4, kinds = $5, lon = $6, lat = $7, place = $8,
    disabled_at = $9
WHERE id = $1;

-- name: renew_secret
-- A new secret; the one before is good until then, or no more.
UPDATE sensor SET previous_secret = secret, previous_until = $3, secret = $2 WHERE id = $1;

-- name: acts
-- The authorisations that name a sensor and are not over.
SELECT * FROM authorisation
WHERE $1 = ANY (sensor_ids) AND revoked_at IS NULL AND ends_at > $2 ORDER BY recorded_at, id;

-- name: suspended
-- What is suspended of a sensor.
SELECT kind FROM suspension WHERE sensor_id = $1 AND lifted_at IS NULL;

-- name: report
-- A report that was taken before.
SELECT body_hash, event_id FROM sensor_report WHERE sensor_id = $1 AND webhook_id = $2;

-- name: add_report
-- A report that is taken.
INSERT INTO sensor_report (sensor_id, webhook_id, body_hash, event_id, received_at)
VALUES ($1, $2, $3, $4, $5);

-- name: add_event
-- What a sensor reported: that it happened, over as soon as it is said.
INSERT INTO event
    (id, commune_id, sensor_id, kind, opened_at, closed_at, authorisation_id)
VALUES ($1, $2, $3, $4, $5, $5, $6);

-- name: count_taken
-- One report more was taken.
UPDATE sensor SET taken = taken + 1, reported_at = $2 WHERE id = $1;

-- name: count_refused
-- So many reports more were refused, and why the latest was.
UPDATE sensor SET refused = refused + $4, reported_at = $2, refused_because = $3 WHERE id = $1;
