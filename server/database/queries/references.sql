-- References: what a rule's zone looks like when nothing is the matter.

-- name: of_cameras
-- Those of these cameras, for the zones as they are drawn now.
SELECT reference.*, rule.camera_id
  FROM rule_reference reference JOIN rule ON rule.id = reference.rule_id
 WHERE rule.camera_id = ANY ($1::uuid[]) AND reference.points = rule.points
 ORDER BY reference.rule_id, reference.light;

-- name: ask
-- One is to be taken; the former one of the same zone serves until then.
INSERT INTO rule_reference AS former (rule_id, light, points, asked_at)
SELECT id, $3, points, $4 FROM rule WHERE id = $1 AND camera_id = $2
ON CONFLICT (rule_id, light) DO UPDATE SET
    asked_at = excluded.asked_at, points = excluded.points,
    picture = CASE WHEN former.points = excluded.points THEN former.picture END,
    taken_at = CASE WHEN former.points = excluded.points THEN former.taken_at END
RETURNING rule_id;

-- name: take
-- It was taken, unless another was asked for meanwhile.
UPDATE rule_reference SET picture = $4, taken_at = $5
  FROM rule
 WHERE rule.id = rule_id AND rule_id = $1 AND light = $2 AND asked_at = $3
RETURNING rule.camera_id, rule.commune_id;

-- name: drop
-- A zone is not compared with it any more.
DELETE FROM rule_reference USING rule
 WHERE rule.id = rule_id AND rule_id = $1 AND rule.camera_id = $2 AND light = $3
RETURNING rule_id;
