-- What a camera's place was, whether it was for demonstration, and a commune's profile, since when:
-- an hour that is looked back on is judged by what was so then.

CREATE TABLE camera_footing (
    camera_id uuid NOT NULL REFERENCES camera ON DELETE CASCADE,
    since timestamptz NOT NULL,
    place_kind text NOT NULL CHECK (place_kind IN ('public-road', 'closed-to-public')),
    demonstration boolean NOT NULL,
    PRIMARY KEY (camera_id, since)
);
-- What is so now counts from the beginning; of a place that was changed, from the last change, and
-- what came before counts as public.
WITH changed AS (
    SELECT substr(about, 8)::uuid AS camera_id, max(at) AS at FROM register
    WHERE action = 'configuration-changed' AND about LIKE 'camera:%'
        AND data::jsonb -> 'place_kind' IS NOT NULL
    GROUP BY about
)
INSERT INTO camera_footing (camera_id, since, place_kind, demonstration)
SELECT id, created_at, CASE WHEN changed.at > created_at THEN 'public-road' ELSE place_kind END,
    demonstration
FROM camera LEFT JOIN changed ON changed.camera_id = camera.id
UNION ALL
SELECT id, changed.at, place_kind, demonstration
FROM camera JOIN changed ON changed.camera_id = camera.id AND changed.at > created_at;

CREATE TABLE commune_profile (
    commune_id uuid NOT NULL REFERENCES commune,
    since timestamptz NOT NULL,
    profile text NOT NULL CHECK (profile IN ('france', 'demonstration')),
    actor text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (commune_id, since)
);
INSERT INTO commune_profile (commune_id, since, profile, actor, reason)
SELECT id, created_at, profile, 'system', '' FROM commune;
