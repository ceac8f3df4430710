-- What is told of an authorisation: what was analysed under it, and what became of its alerts.

-- name: store_analysed
-- Hours of looking, added to what is known of them.
INSERT INTO analysed_hour (camera_id, authorisation_id, kind, hour, minutes, pictures)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[])
ON CONFLICT (camera_id, authorisation_id, kind, hour) DO UPDATE SET
    minutes = analysed_hour.minutes | excluded.minutes,
    pictures = analysed_hour.pictures + excluded.pictures;

-- name: analysed
-- How many minutes of each camera were looked at for each kind, and from when to when.
SELECT camera_id AS source, kind, sum(bit_count(minutes::bit(64)))::bigint AS minutes,
    sum(pictures)::bigint AS pictures, min(hour) AS first_hour, max(hour) AS last_hour
FROM analysed_hour WHERE authorisation_id = $1 GROUP BY camera_id, kind;

-- name: destroyed
-- Until when the acts were over of which a commune's hours of analysis are kept no longer.
SELECT max((data::jsonb ->> 'before')::timestamptz) FROM register
WHERE commune_id = $1 AND action = 'purged' AND about = 'analysed';

-- name: outside
-- Pictures of these cameras that were looked at without any act, in each hour that a period touches.
SELECT coalesce(sum(pictures), 0)::bigint FROM analysed_hour
WHERE camera_id = ANY ($1::uuid[]) AND authorisation_id IS NULL
  AND hour > $2::timestamptz - interval '1 hour' AND hour < $3;

-- name: decided
-- How many alerts of each source and kind were raised under an act, by what was decided of them.
SELECT coalesce(alert.sensor_id, alert.camera_id) AS source, alert.kind, alert.state,
    alert.dismissal, count(*) AS count
FROM alert JOIN event ON event.id = alert.event_id
WHERE event.authorisation_id = $1
GROUP BY source, alert.kind, alert.state, alert.dismissal;

-- name: medians
-- How long a decision took, of each kind; of all where kind is NULL.
SELECT alert.kind, percentile_cont(0.5) WITHIN GROUP (
    ORDER BY extract(epoch FROM coalesce(alert.confirmed_at, alert.dismissed_at) - alert.raised_at)
) AS seconds
FROM alert JOIN event ON event.id = alert.event_id
WHERE event.authorisation_id = $1 AND coalesce(alert.confirmed_at, alert.dismissed_at) IS NOT NULL
GROUP BY ROLLUP (alert.kind);

-- name: suspensions
-- What was suspended of these cameras and sensors, of these kinds, in a period.
SELECT coalesce(camera_id, sensor_id) AS source, kind, suspended_at, lifted_at, false_alerts, days FROM suspension
WHERE (camera_id = ANY ($1::uuid[]) OR sensor_id = ANY ($1)) AND kind = ANY ($2::text[])
  AND suspended_at < $4 AND (lifted_at IS NULL OR lifted_at > $3)
ORDER BY suspended_at, id;

-- name: sources
-- What these cameras and sensors are called: cameras by number, then sensors by name.
SELECT id, number, name FROM camera WHERE id = ANY ($1::uuid[])
UNION ALL
SELECT id, NULL, name FROM sensor WHERE id = ANY ($1)
ORDER BY number, name;
