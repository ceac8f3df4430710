-- Crews of the fire brigade and of cleaning, beside those of the police.

ALTER TABLE unit DROP CONSTRAINT unit_kind_check;
ALTER TABLE unit ADD CONSTRAINT unit_kind_check
    CHECK (kind IN ('police-municipale', 'asvp', 'sapeurs-pompiers', 'proprete'));
