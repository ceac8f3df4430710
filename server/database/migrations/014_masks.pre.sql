-- Masks: what of a camera's picture nobody is shown, decision by decision.

-- Append-only: the highest version is in force; none: nobody has looked yet.
CREATE TABLE camera_masks (
    camera_id uuid NOT NULL REFERENCES camera,
    version integer NOT NULL CHECK (version > 0),
    -- Each mask: points [x, y], shares of the picture's width and height, 0..1.
    polygons jsonb NOT NULL,
    -- The camera burns its own in: one that turns.
    by_camera boolean NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_by uuid NOT NULL REFERENCES person,
    PRIMARY KEY (camera_id, version),
    CHECK (NOT (by_camera AND jsonb_array_length(polygons) > 0))
);

CREATE VIEW camera_masks_now AS
SELECT DISTINCT ON (camera_id) * FROM camera_masks ORDER BY camera_id, version DESC;

-- Which version was in force when the segment was begun; NULL: none yet, or a patrol's.
ALTER TABLE recording_segment ADD COLUMN masks_version integer;
