-- Where a media process serves phones and browsers itself; '' when control forwards to it.
ALTER TABLE process ADD COLUMN public_url text NOT NULL DEFAULT '';
