-- Whether a rule is about people, vehicles or both, where its kind of event leaves the choice;
-- NULL: the kind's default.

ALTER TABLE rule ADD COLUMN subjects text CHECK (subjects IN ('people', 'vehicles', 'both'));
