-- Why somebody looks, so that whoever follows somebody to the next camera need not say it again; it
-- is in the register besides. '' where it was given before there was this column.
ALTER TABLE recording_playback ADD COLUMN motive text NOT NULL DEFAULT '';
