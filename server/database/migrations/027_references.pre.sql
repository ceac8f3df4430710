-- What a rule's zone looks like when nothing is the matter: the zone alone, in greys.

CREATE TABLE rule_reference (
    rule_id uuid NOT NULL REFERENCES rule ON DELETE CASCADE,
    light text NOT NULL CHECK (light IN ('day', 'night')),
    -- The zone that it was asked for: drawn anew, the rule has none.
    points jsonb NOT NULL,
    asked_at timestamptz NOT NULL,
    -- PNG, at most 96 points wide and high.
    picture bytea CHECK (octet_length(picture) <= 65536),
    taken_at timestamptz,
    PRIMARY KEY (rule_id, light),
    CHECK ((picture IS NULL) = (taken_at IS NULL))
);
