-- Push messages that wait. A row is one device and one alert or guidance.

-- name: settle
-- Messages that need not ring any more: answered, declined, arrived, or nobody there to hear.
UPDATE push_delivery AS delivery SET state = CASE
    WHEN delivery.arrived_at IS NOT NULL THEN 'arrived'
    WHEN delivery.accepted_at IS NOT NULL THEN 'accepted' ELSE 'expired' END
WHERE delivery.state = 'due' AND delivery.due_at <= $1 AND (
    EXISTS (SELECT FROM device WHERE device.id = delivery.device_id
            AND device.revoked_at IS NOT NULL)
    OR NOT EXISTS (SELECT FROM shift WHERE shift.device_id = delivery.device_id
                   AND shift.ended_at IS NULL)
    OR (delivery.about_kind = 'alert' AND NOT EXISTS (
        SELECT FROM alert WHERE alert.id = delivery.about_id AND alert.state = 'sent'))
    OR (delivery.about_kind = 'alert' AND EXISTS (
        SELECT FROM alert_recipient AS recipient
        JOIN shift ON shift.unit_id = recipient.unit_id AND shift.ended_at IS NULL
        WHERE recipient.alert_id = delivery.about_id AND shift.device_id = delivery.device_id
          AND recipient.unable_at IS NOT NULL))
    OR (delivery.about_kind = 'guidance' AND EXISTS (
        SELECT FROM guidance WHERE guidance.id = delivery.about_id
        AND (guidance.arrived_at IS NOT NULL OR guidance.read_at IS NOT NULL))));

-- name: due
-- Take what is due, passing by what another courier takes, and hold it for a while.
WITH taken AS (
    SELECT id FROM push_delivery WHERE state = 'due' AND due_at <= $1
    ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), held AS (
    UPDATE push_delivery AS delivery SET due_at = $3 FROM taken
    WHERE delivery.id = taken.id RETURNING delivery.*
)
SELECT held.*, subscription.channel AS reached_by, subscription.address
FROM held LEFT JOIN push_subscription AS subscription
    ON subscription.device_id = held.device_id
ORDER BY held.sent_at, held.id;

-- name: accepted
-- A push service took it; it rings again unless somebody answers.
UPDATE push_delivery SET attempts = attempts + 1, channel = $2, error = '',
    accepted_at = coalesce(accepted_at, $3), due_at = $4
WHERE id = $1 RETURNING commune_id, about_kind, about_id, attempts;

-- name: failed
-- It was not taken; tried again later.
UPDATE push_delivery SET attempts = attempts + 1, channel = $2, error = $3, due_at = $4
WHERE id = $1 RETURNING commune_id, about_kind, about_id, attempts;

-- name: given_up
-- It can't be sent.
UPDATE push_delivery SET state = 'failed', error = $2 WHERE id = $1 AND state = 'due'
RETURNING commune_id, about_kind, about_id, attempts;

-- name: expired
-- Nobody answered in time.
UPDATE push_delivery SET state = 'expired' WHERE id = $1 AND state = 'due'
RETURNING commune_id, about_kind, about_id, attempts;

-- name: drop_subscription
-- Forget an address, if it is still the device's.
DELETE FROM push_subscription WHERE device_id = $1 AND address = $2::jsonb;

-- name: waiting
-- How many messages wait, for now or for later.
SELECT count(*) FROM push_delivery WHERE state = 'due';
