-- Walls that a control room shares, and what each person keeps to hang pictures by.

-- One wall of a control room: what it shows, and who said so last.
CREATE TABLE wall (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    name text NOT NULL,
    -- The layout, its pictures and its rotation, as pages write and read them.
    shows jsonb NOT NULL,
    driven_by uuid NOT NULL REFERENCES person,
    driven_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE UNIQUE INDEX wall_name ON wall (commune_id, name) WHERE removed_at IS NULL;

-- A wall that a person has named, to hang it again at any desk.
CREATE TABLE wall_layout (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    name text NOT NULL,
    shows jsonb NOT NULL,
    saved_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX wall_layout_name ON wall_layout (person_id, name);
