-- How a camera is taken in: whether its pictures are decoded and encoded again here (B-frames, H265
-- where nobody has it), and by which transport they come.
ALTER TABLE camera
    ADD COLUMN transcode boolean NOT NULL DEFAULT false,
    ADD COLUMN transport text NOT NULL DEFAULT 'auto' CHECK (transport IN ('auto', 'tcp', 'udp'));

-- A view's "camera.*" is written out when it is made.
DROP VIEW camera_gated;
CREATE VIEW camera_gated AS
SELECT camera.*, commune.profile,
    CASE WHEN prefect_order.id IS NULL THEN NULL ELSE to_jsonb(prefect_order) END AS "order"
FROM camera
JOIN commune ON commune.id = camera.commune_id
LEFT JOIN prefect_order ON prefect_order.id = camera.order_id;
