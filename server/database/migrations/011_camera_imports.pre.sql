-- Lists of cameras that were taken in, so that one can be taken back.
CREATE TABLE camera_import (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    imported_by text NOT NULL,
    imported_at timestamptz NOT NULL,
    camera_ids uuid[] NOT NULL CHECK (cardinality(camera_ids) > 0),
    undone_at timestamptz
);
CREATE INDEX camera_import_commune ON camera_import (commune_id, imported_at);
