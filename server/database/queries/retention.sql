-- What is kept for a limited time. Each purge takes a batch, the oldest first, and counts it.

-- name: stills
-- Pictures taken before then; alerts and events keep everything else.
WITH old AS (SELECT id FROM still WHERE taken_at < $1 ORDER BY taken_at LIMIT $2),
gone AS (DELETE FROM still USING old WHERE still.id = old.id RETURNING still.commune_id)
SELECT commune_id, count(*) FROM gone GROUP BY commune_id;

-- name: positions
-- Positions that came in before then.
WITH old AS (SELECT id FROM position WHERE received_at < $1 ORDER BY received_at LIMIT $2),
gone AS (DELETE FROM position USING old WHERE position.id = old.id RETURNING position.commune_id)
SELECT commune_id, count(*) FROM gone GROUP BY commune_id;

-- name: analysed
-- Hours that were analysed under an act that was over before then. Those without any act go once
-- every act that tells of them was.
WITH over AS (SELECT id FROM authorisation WHERE least(ends_at, revoked_at) < $1),
old AS (SELECT hour.ctid FROM analysed_hour AS hour JOIN over ON over.id = hour.authorisation_id
        UNION ALL
        SELECT hour.ctid FROM analysed_hour AS hour WHERE authorisation_id IS NULL AND hour < $1
        AND NOT EXISTS (
            SELECT FROM authorisation AS act WHERE hour.camera_id = ANY (act.camera_ids)
              AND act.starts_at < hour.hour + interval '1 hour'
              AND least(act.ends_at, act.revoked_at) >= $1)
        LIMIT $2),
gone AS (DELETE FROM analysed_hour AS hour USING old WHERE hour.ctid = old.ctid
         RETURNING hour.camera_id)
SELECT camera.commune_id, count(*) FROM gone JOIN camera ON camera.id = gone.camera_id
GROUP BY camera.commune_id;

-- name: viewings
-- Viewings that ended before then; the register keeps them.
WITH old AS (SELECT id FROM viewing WHERE ended_at < $1 ORDER BY ended_at LIMIT $2),
gone AS (DELETE FROM viewing USING old WHERE viewing.id = old.id RETURNING viewing.commune_id)
SELECT commune_id, count(*) FROM gone GROUP BY commune_id;

-- name: talks
-- Talks that ended before then; the register keeps who spoke and why.
WITH old AS (SELECT id FROM talk WHERE ended_at < $1 ORDER BY ended_at LIMIT $2),
gone AS (DELETE FROM talk USING old WHERE talk.id = old.id RETURNING talk.commune_id)
SELECT commune_id, count(*) FROM gone GROUP BY commune_id;

-- name: playbacks
-- Leave to look at recordings that was given before then; the register keeps who looked and why.
WITH old AS (SELECT id FROM recording_playback WHERE opened_at < $1 ORDER BY opened_at LIMIT $2),
gone AS (DELETE FROM recording_playback AS playback USING old WHERE playback.id = old.id
         RETURNING playback.commune_id)
SELECT commune_id, count(*) FROM gone GROUP BY commune_id;

-- name: exports
-- Stills and clips asked for before then whose pictures are not here any more.
WITH old AS (SELECT id FROM recording_export
             WHERE asked_at < $1 AND (kind = 'still' OR state IN ('failed', 'gone'))
             ORDER BY asked_at LIMIT $2),
gone AS (DELETE FROM recording_export AS export USING old WHERE export.id = old.id
         RETURNING export.commune_id)
SELECT commune_id, count(*) FROM gone GROUP BY commune_id;

-- name: sensor_reports
-- Reports of sensors taken before then: nobody may send them again, five minutes after.
WITH old AS (SELECT sensor_id, webhook_id FROM sensor_report WHERE received_at < $1
             ORDER BY received_at LIMIT $2),
gone AS (DELETE FROM sensor_report AS report USING old
         WHERE report.sensor_id = old.sensor_id AND report.webhook_id = old.webhook_id
         RETURNING report.sensor_id)
SELECT sensor.commune_id, count(*) FROM gone JOIN sensor ON sensor.id = gone.sensor_id
GROUP BY sensor.commune_id;

-- name: push_deliveries
-- Messages sent before then.
WITH old AS (SELECT id FROM push_delivery WHERE sent_at < $1 ORDER BY sent_at LIMIT $2),
gone AS (DELETE FROM push_delivery AS delivery USING old WHERE delivery.id = old.id
         RETURNING delivery.commune_id)
SELECT commune_id, count(*) FROM gone GROUP BY commune_id;

-- name: sessions
-- Sessions that ended before then.
WITH gone AS (DELETE FROM session WHERE expires_at < $1 OR revoked_at < $1
              RETURNING token_hash)
SELECT NULL::uuid AS commune_id, count(*) FROM gone HAVING count(*) > 0;

-- name: codes
-- Enrolment codes and links that can't be used any more.
WITH codes AS (DELETE FROM enrolment_code WHERE expires_at < $1 OR used_at < $1
               RETURNING code_hash),
links AS (DELETE FROM one_time_link WHERE expires_at < $1 OR used_at < $1 RETURNING token_hash)
SELECT NULL::uuid AS commune_id, count(*)
FROM (SELECT code_hash FROM codes UNION ALL SELECT token_hash FROM links) AS gone
HAVING count(*) > 0;
