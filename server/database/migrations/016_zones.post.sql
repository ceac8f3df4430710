-- Rules have taken the place of zones.
ALTER TABLE event DROP COLUMN zone_id;
DROP TABLE zone;
