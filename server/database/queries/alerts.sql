-- Alerts, their recipients, the messages that carry them, their stills.

-- name: alert
-- One alert with its recipients.
SELECT * FROM alert_with_recipients WHERE id = $1;

-- name: lock
-- Hold an alert against change until the transaction ends.
SELECT id FROM alert WHERE id = $1 FOR UPDATE;

-- name: open_for
-- What was sent to a unit and is not over, newest first.
SELECT alert.* FROM alert_with_recipients AS alert
JOIN alert_recipient AS recipient ON recipient.alert_id = alert.id AND recipient.unit_id = $1
WHERE alert.state IN ('sent', 'acknowledged')
ORDER BY recipient.sent_at DESC, alert.id;

-- name: waiting
-- The alert of a camera or sensor and a kind that nobody has decided yet, held against change.
SELECT id FROM alert
WHERE ((camera_id = $1 AND origin = 'detector') OR (sensor_id = $1 AND origin = 'sensor'))
  AND kind = $2 AND state = 'raised'
ORDER BY raised_at DESC LIMIT 1 FOR UPDATE;

-- name: join_event
-- Say which alert an event led to or joined.
UPDATE event SET alert_id = $2 WHERE id = $1;

-- name: add
-- A new alert; no row when the id is already there.
INSERT INTO alert
    (id, commune_id, kind, origin, event_id, camera_id, lon, lat, place, note, raised_at,
     raised_by, state, still_id, handled_by, confirmed_at, confirmed_by, dismissed_at,
     dismissed_by, dismissal, sent_at, sent_by, acknowledged_at, acknowledged_by, resolved_at,
     dismissal_note, sensor_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21, $22, $23, $24, $25, $26, $27)
ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: change
-- What is decided of an alert.
UPDATE alert SET state = $2, still_id = $3, handled_by = $4, confirmed_at = $5, confirmed_by = $6,
    dismissed_at = $7, dismissed_by = $8, dismissal = $9, sent_at = $10, sent_by = $11,
    acknowledged_at = $12, acknowledged_by = $13, resolved_at = $14, dismissal_note = $15
WHERE id = $1;

-- name: add_recipients
-- The units it is addressed to; those that are there stay as they are.
INSERT INTO alert_recipient (alert_id, unit_id, sent_at)
SELECT $1, unit_id, $3 FROM unnest($2::uuid[]) AS unit_id
ON CONFLICT (alert_id, unit_id) DO NOTHING;

-- name: units_of_commune
-- How many of these units are the commune's and in use.
SELECT count(*) FROM unit
WHERE id = ANY ($1::uuid[]) AND commune_id = $2 AND disabled_at IS NULL;

-- name: unable
-- A unit can't go; what it said first stays.
UPDATE alert_recipient SET unable_at = coalesce(unable_at, $3),
    unable_reason = coalesce(unable_reason, $4)
WHERE alert_id = $1 AND unit_id = $2;

-- name: able_again
-- A unit that could not go goes after all.
UPDATE alert_recipient SET unable_at = NULL, unable_reason = NULL
WHERE alert_id = $1 AND unit_id = $2 AND unable_at IS NOT NULL;

-- name: arrived
-- It is on a phone of that unit; no row when that was known.
UPDATE alert_recipient SET arrived_at = $3
WHERE alert_id = $1 AND unit_id = $2 AND arrived_at IS NULL RETURNING unit_id;

-- name: arrived_on
-- It is on that phone.
UPDATE push_delivery SET arrived_at = coalesce(arrived_at, $4)
WHERE about_kind = $1 AND about_id = $2 AND device_id = $3;

-- name: deliver
-- A message to every device that is on shift in one of these units; a device gets one only.
INSERT INTO push_delivery
    (id, commune_id, device_id, unit_id, about_kind, about_id, state, due_at, sent_at, expires_at)
SELECT gen_random_uuid(), $1, device.id, shift.unit_id, $2, $3, 'due', $5, $5, $6
FROM shift JOIN device ON device.id = shift.device_id
WHERE shift.unit_id = ANY ($4::uuid[]) AND shift.ended_at IS NULL AND device.revoked_at IS NULL
ON CONFLICT (about_kind, about_id, device_id) DO NOTHING;

-- name: add_still
-- A picture, kept for a limited time.
INSERT INTO still (id, commune_id, camera_id, taken_at, jpeg)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING;

-- name: still
-- The picture of an alert that was not purged: of its newest event, whose box is drawn on it.
SELECT still.jpeg, still.taken_at FROM alert
LEFT JOIN LATERAL (
    SELECT event.still_id FROM event WHERE event.alert_id = alert.id
    ORDER BY event.opened_at DESC, event.id LIMIT 1
) AS seen ON true
JOIN still ON still.id = coalesce(seen.still_id, alert.still_id)
WHERE alert.id = $1;
