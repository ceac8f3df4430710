-- Acts for places closed to the public, under data-protection law, name an impact assessment.

ALTER TABLE authorisation DROP CONSTRAINT authorisation_profile_check;
ALTER TABLE authorisation ADD CONSTRAINT authorisation_profile_check
    CHECK (profile IN ('france', 'closed-site', 'demonstration'));
ALTER TABLE authorisation ADD COLUMN assessment text NOT NULL DEFAULT '';
