-- What screens show: flat rows, for reading only. A NULL among the conditions matches everything.

-- name: alerts
-- Alerts with the names of those who acted, the newest event, and the intervention.
SELECT alert.*, coalesce(seen.still_id, alert.still_id) IS NOT NULL AS still,
    raiser.name AS raised_by_name, handler.name AS handled_by_name,
    confirmer.name AS confirmed_by_name, dismisser.name AS dismissed_by_name,
    sender.name AS sent_by_name, unit.call_sign, intervention.id AS intervention_id,
    seen.id AS seen_id, seen.opened_at, seen.closed_at, seen.box, seen.confidence,
    rule.name AS rule_name, rule.shape, rule.points,
    authorisation.id AS authorisation_id, authorisation.act_reference, authorisation.law,
    (SELECT count(*) FROM event WHERE event.alert_id = alert.id) AS events
FROM alert
LEFT JOIN person AS raiser ON raiser.id = alert.raised_by
LEFT JOIN person AS handler ON handler.id = alert.handled_by
LEFT JOIN person AS confirmer ON confirmer.id = alert.confirmed_by
LEFT JOIN person AS dismisser ON dismisser.id = alert.dismissed_by
LEFT JOIN person AS sender ON sender.id = alert.sent_by
LEFT JOIN unit ON unit.id = alert.acknowledged_by
LEFT JOIN intervention ON intervention.alert_id = alert.id
LEFT JOIN LATERAL (
    SELECT * FROM event WHERE event.alert_id = alert.id ORDER BY opened_at DESC, id LIMIT 1
) AS seen ON true
LEFT JOIN rule ON rule.id = seen.rule_id
LEFT JOIN authorisation ON authorisation.id = seen.authorisation_id
WHERE alert.commune_id = ANY ($1::uuid[])
  AND ($2::uuid[] IS NULL OR alert.id = ANY ($2))
  AND ($3::text IS NULL OR alert.state = $3)
  AND ($4::timestamptz IS NULL OR alert.raised_at >= $4)
  AND ($5::timestamptz IS NULL OR alert.raised_at >= $5
       OR alert.state NOT IN ('dismissed', 'resolved'))
ORDER BY alert.raised_at DESC, alert.id LIMIT $6;

-- name: recipients
-- The units that alerts were sent to, and how far the message got.
SELECT recipient.*, unit.call_sign,
    (SELECT min(delivery.accepted_at) FROM push_delivery AS delivery
     WHERE delivery.about_kind = 'alert' AND delivery.about_id = recipient.alert_id
       AND delivery.unit_id = recipient.unit_id) AS accepted_at
FROM alert_recipient AS recipient JOIN unit ON unit.id = recipient.unit_id
WHERE recipient.alert_id = ANY ($1::uuid[])
ORDER BY recipient.sent_at, unit.call_sign;

-- name: history
-- What was done to a thing, by whom, oldest first.
SELECT history.at, history.actor, history.what, history.data,
    coalesce(person.name, device.name) AS actor_name
FROM history
LEFT JOIN person ON history.actor = 'person:' || person.id
LEFT JOIN device ON history.actor = 'device:' || device.id
WHERE history.about_kind = $1 AND history.about_id = $2 ORDER BY history.id;

-- name: deliveries
-- The messages that carry an alert, one a device.
SELECT device_id, unit_id, state, attempts, channel, error, accepted_at, arrived_at
FROM push_delivery WHERE about_kind = 'alert' AND about_id = $1 ORDER BY sent_at, id;

-- name: interventions
-- Interventions, newest first.
SELECT * FROM intervention_with_assignments AS intervention
WHERE commune_id = ANY ($1::uuid[])
  AND ($2::uuid[] IS NULL OR id = ANY ($2))
  AND (NOT $3::boolean OR closed_at IS NULL)
ORDER BY created_at DESC, id LIMIT $4;

-- name: call_signs
-- What units are called.
SELECT id, call_sign FROM unit WHERE id = ANY ($1::uuid[]);

-- name: units
-- The board: units in use, who is on, where, and what they are doing.
SELECT unit.*, running.id AS shift_id, running.device_id, running.started_at,
    running.break_since, person.name AS person_name,
    here.lon, here.lat, here.accuracy_m, here.heading_deg, here.speed_mps, here.fixed_at,
    part.intervention_id, part.en_route_at, part.on_scene_at
FROM unit
LEFT JOIN LATERAL (
    SELECT * FROM shift WHERE shift.unit_id = unit.id AND shift.ended_at IS NULL
    ORDER BY shift.break_since IS NOT NULL, shift.started_at DESC LIMIT 1
) AS running ON true
LEFT JOIN person ON person.id = running.person_id
LEFT JOIN LATERAL (
    SELECT * FROM position
    WHERE position.unit_id = unit.id AND position.fixed_at >= running.started_at
      AND running.break_since IS NULL
    ORDER BY position.fixed_at DESC LIMIT 1
) AS here ON true
LEFT JOIN LATERAL (
    SELECT assignment.* FROM assignment
    JOIN intervention ON intervention.id = assignment.intervention_id
    WHERE assignment.unit_id = unit.id AND assignment.cleared_at IS NULL
      AND intervention.closed_at IS NULL
    ORDER BY assignment.assigned_at DESC LIMIT 1
) AS part ON true
WHERE unit.commune_id = ANY ($1::uuid[]) AND unit.disabled_at IS NULL
  AND ($2::uuid[] IS NULL OR unit.id = ANY ($2))
ORDER BY unit.call_sign, unit.id;

-- name: cameras
-- Cameras with their state and how many watch, each person once. A camera that no media process holds is not up.
SELECT camera.*, state.up AND lease.name IS NOT NULL AS up, state.since,
    CASE WHEN state.up AND lease.name IS NULL THEN 'no-media-process' ELSE state.reason END
        AS reason,
    state.codec, state.clock_offset_ms, coalesce(onvif.has_ptz, false) AS moves,
    held.person_id AS mover_id, mover.name AS mover, held.rank AS mover_rank,
    held.used_at AS moved_at,
    clock.least, clock.most, clock.read_at, clock.wrong_since, clock.drift_a_day,
    tour.running_since AS touring_since, onvif.has_loudspeaker, talk.person_id AS talker_id, talker.name AS talker,
    talk.started_at AS talks_since, talk.announcement_id IS NOT NULL AS announces,
    masks.version AS masks_version, masks.by_camera AS masks_by_camera,
    coalesce(jsonb_array_length(masks.polygons), 0) AS masks_count,
    coalesce((SELECT jsonb_agg(to_jsonb(suspension) ORDER BY suspended_at, suspension.kind)
     FROM suspension WHERE camera_id = camera.id AND lifted_at IS NULL), '[]') AS suspended,
    (SELECT count(DISTINCT (person_id, device_id)) FROM viewing
     WHERE viewing.camera_id = camera.id AND viewing.ended_at IS NULL) AS watching
FROM camera_gated AS camera
LEFT JOIN camera_state AS state ON state.camera_id = camera.id
LEFT JOIN camera_onvif AS onvif ON onvif.camera_id = camera.id
LEFT JOIN ptz_lock AS held ON held.camera_id = camera.id
LEFT JOIN person AS mover ON mover.id = held.person_id
LEFT JOIN camera_clock AS clock ON clock.camera_id = camera.id
LEFT JOIN guard_tour AS tour ON tour.camera_id = camera.id
LEFT JOIN talk ON talk.camera_id = camera.id AND talk.ended_at IS NULL
LEFT JOIN person AS talker ON talker.id = talk.person_id
LEFT JOIN camera_masks_now AS masks ON masks.camera_id = camera.id
LEFT JOIN lease ON lease.name = 'camera:' || camera.id AND lease.expires_at > now()
WHERE camera.commune_id = ANY ($1::uuid[])
  AND ($2::uuid[] IS NULL OR camera.id = ANY ($2))
ORDER BY camera.commune_id, camera.number;

-- name: patrol_streams
-- Live streams of patrols, with who received them and how many watch, each person once.
SELECT stream.*, unit.call_sign, person.name AS received_by_name,
    (SELECT count(DISTINCT (person_id, device_id)) FROM viewing
     WHERE viewing.stream_id = stream.id AND viewing.ended_at IS NULL) AS viewers
FROM patrol_stream AS stream
JOIN unit ON unit.id = stream.unit_id
LEFT JOIN person ON person.id = stream.received_by
WHERE stream.commune_id = ANY ($1::uuid[])
  AND ($2::uuid[] IS NULL OR stream.id = ANY ($2))
  AND (NOT $3::boolean OR stream.ended_at IS NULL)
ORDER BY stream.started_at DESC, stream.id LIMIT 200;

-- name: guidance
-- Guidance with the unit's call sign and its author, newest first.
SELECT guidance.*, unit.call_sign, person.name AS sent_by_name
FROM guidance
JOIN unit ON unit.id = guidance.unit_id
JOIN person ON person.id = guidance.sent_by
WHERE guidance.commune_id = ANY ($1::uuid[])
  AND ($2::uuid[] IS NULL OR guidance.id = ANY ($2))
  AND ($3::uuid IS NULL OR guidance.unit_id = $3)
  AND ($4::timestamptz IS NULL OR guidance.sent_at >= $4)
ORDER BY guidance.sent_at DESC, guidance.id LIMIT $5;

-- name: processes
-- The processes that were heard.
SELECT role, holder, seen_at, clock_offset_ms FROM process ORDER BY role, holder;

-- name: cameras_down
-- Cameras in use whose picture does not come in, whatever the reason.
SELECT camera.id, camera.commune_id, camera.number, camera.name, camera.main_url,
    coalesce(state.since, camera.created_at) AS since,
    CASE WHEN state.up IS NULL OR (state.up AND lease.name IS NULL) THEN 'no-media-process'
         ELSE state.reason END AS reason
FROM camera
LEFT JOIN camera_state AS state ON state.camera_id = camera.id
LEFT JOIN lease ON lease.name = 'camera:' || camera.id AND lease.expires_at > now()
WHERE camera.disabled_at IS NULL AND (state.up IS NOT TRUE OR lease.name IS NULL)
ORDER BY camera.commune_id, camera.number;

-- name: orders_ending
-- Orders in force that end before then: a renewal takes a commission's sitting.
SELECT id, commune_id, number, ends_at FROM prefect_order
WHERE starts_at <= $1 AND ends_at > $1 AND ends_at <= $2 ORDER BY ends_at;

-- name: clocks_wrong
-- Cameras in use whose clock is wrong, as it was read since then.
SELECT camera.id, camera.commune_id, camera.number, camera.name, clock.least, clock.most,
    clock.read_at, clock.wrong_since, clock.drift_a_day
FROM camera_clock AS clock JOIN camera ON camera.id = clock.camera_id
WHERE clock.wrong_since IS NOT NULL AND clock.read_at > $1 AND camera.disabled_at IS NULL
ORDER BY clock.wrong_since, camera.id;

-- name: cameras_behind
-- Cameras that are looked at less often than they should be, as detect processes heard since then say.
SELECT camera.id, camera.commune_id, camera.number, camera.name,
    (said.pace->>0)::float8 AS looks_per_s, (said.pace->>1)::float8 AS wanted_per_s
FROM process
CROSS JOIN LATERAL jsonb_each(coalesce(process.health->'behind', '{}')) AS said (stream_id, pace)
JOIN camera ON said.stream_id::uuid IN (camera.main_stream_id, camera.sub_stream_id)
WHERE process.role = 'detect' AND process.seen_at > $1 AND camera.disabled_at IS NULL
ORDER BY camera.commune_id, camera.number;

-- name: cameras_impaired
-- Cameras that are frozen or blinded, as processes heard since then say; what decoded pictures show goes before what
-- packets tell. One that was being moved, or goes its tour, may look at the sky: it is not called blinded.
SELECT DISTINCT ON (camera.commune_id, camera.number, camera.id) camera.id, camera.commune_id,
    camera.number, camera.name, said.what->>0 AS what, (said.what->>1)::timestamptz AS since
FROM process
CROSS JOIN LATERAL jsonb_each(coalesce(process.health->'impaired', '{}')) AS said (stream_id, what)
JOIN camera ON said.stream_id::uuid IN (camera.main_stream_id, camera.sub_stream_id)
LEFT JOIN ptz_lock AS held ON held.camera_id = camera.id
LEFT JOIN guard_tour AS tour ON tour.camera_id = camera.id
WHERE process.seen_at > $1 AND camera.disabled_at IS NULL
  AND (said.what->>0 = 'frozen' OR tour.running_since IS NULL
       AND (held.taken_at < (said.what->>1)::timestamptz
            AND held.used_at > (said.what->>1)::timestamptz - interval '2 minutes') IS NOT TRUE)
ORDER BY camera.commune_id, camera.number, camera.id, process.role = 'detect' DESC, since;

-- name: suspensions
-- Kinds that are suspended on cameras in use.
SELECT suspension.camera_id, suspension.commune_id, camera.number, camera.name, suspension.kind,
    suspension.suspended_at
FROM suspension JOIN camera ON camera.id = suspension.camera_id
WHERE suspension.lifted_at IS NULL AND camera.disabled_at IS NULL
ORDER BY suspension.suspended_at DESC, suspension.id;

-- name: database_size
-- How much room the database takes, in bytes.
SELECT pg_database_size(current_database());
