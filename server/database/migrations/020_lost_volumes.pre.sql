-- A volume that an administrator has declared gone for good: its rows go, with receipts.
ALTER TABLE recording_volume ADD COLUMN gone_at timestamptz;
