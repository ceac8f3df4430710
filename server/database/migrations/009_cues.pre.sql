-- Where a segment's keyframes lie, so that a player can begin at any of them: pairs of 8 bytes, the
-- place in its MP4 and the time; the end is the last. NULL while it is written, or was not noted.
ALTER TABLE recording_segment ADD COLUMN cues bytea;
