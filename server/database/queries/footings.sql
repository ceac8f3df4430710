-- What kind of place cameras were of, whether for demonstration, and since when.

-- name: note
-- A camera's footing from now on; after the one before, also by a clock that was set back.
INSERT INTO camera_footing (camera_id, since, place_kind, demonstration)
SELECT $1::uuid, greatest($2::timestamptz, max(since) + interval '1 microsecond'), $3, $4
FROM camera_footing WHERE camera_id = $1;

-- name: of_sources
-- The footings of these cameras and sensors in order, with what is so now. A camera without any
-- was added by a release that wrote none.
SELECT camera.id AS source, coalesce(footing.since, camera.created_at) AS since,
    coalesce(footing.place_kind, camera.place_kind) AS place_kind,
    coalesce(footing.demonstration, camera.demonstration) AS demonstration,
    camera.place_kind AS place_kind_now, camera.demonstration AS demonstration_now,
    row_number() OVER (PARTITION BY camera.id ORDER BY footing.since DESC) = 1 AS is_newest
FROM camera LEFT JOIN camera_footing AS footing ON footing.camera_id = camera.id
WHERE camera.id = ANY ($1::uuid[])
UNION ALL
SELECT sensor.id, coalesce(ran.since, commune.created_at), 'public-road',
    coalesce(ran.profile, commune.profile) = 'demonstration',
    'public-road', commune.profile = 'demonstration',
    row_number() OVER (PARTITION BY sensor.id ORDER BY ran.since DESC) = 1
FROM sensor JOIN commune ON commune.id = sensor.commune_id
    LEFT JOIN commune_profile AS ran ON ran.commune_id = commune.id
WHERE sensor.id = ANY ($1)
ORDER BY source, since;
