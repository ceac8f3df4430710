-- The first schema. Every row that belongs to a commune says which; identifiers are made by the
-- application (UUID); times are timestamptz; coordinates are WGS 84 degrees.

CREATE TABLE commune (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    profile text NOT NULL CHECK (profile IN ('france', 'demonstration')),
    timezone text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE convention (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES commune,
    guest_id uuid NOT NULL REFERENCES commune,
    permissions text[] NOT NULL,
    act_reference text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    CHECK (owner_id <> guest_id)
);

-- People, their habilitations and their sessions.

CREATE TABLE person (
    id uuid PRIMARY KEY,
    -- Who keeps this person's name and password; roles may be in other communes.
    commune_id uuid NOT NULL REFERENCES commune,
    name text NOT NULL,
    sign_in text NOT NULL,
    password_hash text,
    locale text NOT NULL DEFAULT 'fr' CHECK (locale IN ('fr', 'en')),
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    failed_sign_ins integer NOT NULL DEFAULT 0,
    locked_until timestamptz
);
CREATE UNIQUE INDEX person_sign_in ON person (lower(sign_in));

CREATE TABLE habilitation (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    commune_id uuid NOT NULL REFERENCES commune,
    role text NOT NULL,
    act_reference text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz CHECK (ends_at > starts_at),
    revoked_at timestamptz
);
CREATE INDEX habilitation_person ON habilitation (person_id);

-- A link that is good once: the first administrator's, a new person's password.
CREATE TABLE one_time_link (
    token_hash bytea PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('first-administrator', 'password')),
    person_id uuid REFERENCES person,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE session (
    token_hash bytea PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    person_id uuid NOT NULL REFERENCES person,
    -- 'page': a cookie with CSRF protection; 'api': a bearer token.
    kind text NOT NULL CHECK (kind IN ('page', 'api')),
    csrf_token text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    address text NOT NULL DEFAULT ''
);
CREATE INDEX session_person ON session (person_id);

-- Units, devices and shifts.

CREATE TABLE unit (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    call_sign text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('police-municipale', 'asvp')),
    armed boolean NOT NULL,
    disabled_at timestamptz,
    UNIQUE (commune_id, call_sign)
);

CREATE TABLE device (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('phone', 'body-camera')),
    person_id uuid NOT NULL REFERENCES person,
    token_hash bytea UNIQUE,
    pin_hash text,
    -- The secret that Traccar Client sends as its id (OsmAnd protocol).
    osmand_hash bytea UNIQUE,
    created_at timestamptz NOT NULL,
    enrolled_at timestamptz,
    revoked_at timestamptz,
    seen_at timestamptz
);

CREATE TABLE enrolment_code (
    code_hash bytea PRIMARY KEY,
    device_id uuid NOT NULL REFERENCES device,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE push_subscription (
    device_id uuid PRIMARY KEY REFERENCES device,
    channel text NOT NULL CHECK (channel IN ('web-push', 'firebase')),
    -- web-push: {"endpoint", "p256dh", "auth"}; firebase: {"token"} or {"fid"}.
    address jsonb NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE shift (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    unit_id uuid NOT NULL REFERENCES unit,
    device_id uuid NOT NULL REFERENCES device,
    person_id uuid NOT NULL REFERENCES person,
    started_at timestamptz NOT NULL,
    break_since timestamptz,
    -- The end of the latest break: a fix from before it is not taken, however late it comes.
    resumed_at timestamptz,
    ended_at timestamptz
);
-- A device is on one shift at a time.
CREATE UNIQUE INDEX shift_running ON shift (device_id) WHERE ended_at IS NULL;
CREATE INDEX shift_unit ON shift (unit_id) WHERE ended_at IS NULL;

CREATE TABLE position (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Made on the phone, so that a fix sent twice is stored once.
    fix_id uuid NOT NULL UNIQUE,
    commune_id uuid NOT NULL REFERENCES commune,
    unit_id uuid NOT NULL REFERENCES unit,
    device_id uuid NOT NULL REFERENCES device,
    shift_id uuid NOT NULL REFERENCES shift,
    lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    accuracy_m double precision,
    heading_deg double precision,
    speed_mps double precision,
    fixed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX position_unit ON position (unit_id, fixed_at DESC);
CREATE INDEX position_received ON position (received_at);

-- Cameras and what they rest on.

CREATE TABLE prefect_order (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    number text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    -- A ring of [lon, lat] pairs, or NULL where the order names single cameras.
    perimeter jsonb,
    fictive boolean NOT NULL DEFAULT false,
    UNIQUE (commune_id, number)
);

CREATE TABLE camera (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    number integer NOT NULL CHECK (number BETWEEN 1 AND 99999),
    name text NOT NULL,
    source text NOT NULL CHECK (source IN ('rtsp', 'file')),
    -- Addresses without user and password; those lie encrypted beside them and are never read back.
    main_url text NOT NULL,
    sub_url text,
    credentials bytea,
    main_stream_id uuid NOT NULL UNIQUE,
    sub_stream_id uuid UNIQUE,
    lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    bearing_deg double precision NOT NULL,
    field_of_view_deg double precision NOT NULL,
    range_m double precision NOT NULL,
    place_kind text NOT NULL CHECK (place_kind IN ('public-road', 'closed-to-public')),
    place text NOT NULL DEFAULT '',
    order_id uuid REFERENCES prefect_order,
    demonstration boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    UNIQUE (commune_id, number)
);

-- What the media processes say of a camera, kept apart from what an administrator keeps.
CREATE TABLE camera_state (
    camera_id uuid PRIMARY KEY REFERENCES camera,
    up boolean NOT NULL,
    since timestamptz NOT NULL,
    reason text NOT NULL DEFAULT '',
    codec text,
    clock_offset_ms double precision,
    seen_at timestamptz NOT NULL
);

CREATE TABLE zone (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    camera_id uuid NOT NULL REFERENCES camera,
    name text NOT NULL,
    kind text NOT NULL,
    -- Points [x, y], shares of the picture's width and height, 0..1.
    polygon jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX zone_camera ON zone (camera_id);

CREATE TABLE authorisation (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    profile text NOT NULL CHECK (profile IN ('france', 'demonstration')),
    law text NOT NULL,
    authority text NOT NULL,
    act_reference text NOT NULL,
    -- The French profile asks for it; the domain refuses an act without.
    act_date date,
    purpose text NOT NULL,
    place text NOT NULL,
    kinds text[] NOT NULL CHECK (cardinality(kinds) > 0),
    camera_ids uuid[] NOT NULL CHECK (cardinality(camera_ids) > 0),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    -- Local hours of the day, NULL: the whole day.
    daily_from time,
    daily_until time,
    daily_time_zone text,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid REFERENCES person,
    revoked_at timestamptz
);

-- Streams of patrols. Cameras' streams are named in their row.
CREATE TABLE patrol_stream (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    device_id uuid NOT NULL REFERENCES device,
    unit_id uuid NOT NULL REFERENCES unit,
    person_id uuid NOT NULL REFERENCES person,
    reason text NOT NULL,
    intervention_id uuid,
    started_at timestamptz NOT NULL,
    live boolean NOT NULL DEFAULT false,
    since timestamptz,
    received_at timestamptz,
    received_by uuid REFERENCES person,
    ended_at timestamptz
);
CREATE INDEX patrol_stream_open ON patrol_stream (commune_id) WHERE ended_at IS NULL;

-- Who is watching now; the register keeps who has watched.
CREATE TABLE viewing (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    stream_id uuid NOT NULL,
    camera_id uuid REFERENCES camera,
    person_id uuid NOT NULL REFERENCES person,
    session_id uuid,
    device_id uuid REFERENCES device,
    holder text NOT NULL,
    motive text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX viewing_open ON viewing (stream_id) WHERE ended_at IS NULL;

-- Events, stills, alerts.

CREATE TABLE still (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    camera_id uuid REFERENCES camera,
    taken_at timestamptz NOT NULL,
    jpeg bytea NOT NULL
);
CREATE INDEX still_taken ON still (taken_at);

CREATE TABLE event (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    camera_id uuid NOT NULL REFERENCES camera,
    kind text NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    authorisation_id uuid NOT NULL REFERENCES authorisation,
    zone_id uuid,
    still_id uuid REFERENCES still ON DELETE SET NULL,
    box double precision[],
    confidence double precision,
    -- The alert it led to or joined: while one of its camera and kind waits, nobody is asked twice.
    alert_id uuid
);
CREATE INDEX event_camera ON event (camera_id, opened_at DESC);

CREATE TABLE alert (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    kind text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('hand', 'detector', 'device')),
    state text NOT NULL,
    -- One alert for one event: hearing the fact twice changes nothing.
    event_id uuid UNIQUE REFERENCES event,
    camera_id uuid REFERENCES camera,
    still_id uuid REFERENCES still ON DELETE SET NULL,
    lon double precision,
    lat double precision,
    place text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    raised_at timestamptz NOT NULL,
    raised_by uuid REFERENCES person,
    handled_by uuid REFERENCES person,
    confirmed_at timestamptz,
    confirmed_by uuid REFERENCES person,
    dismissed_at timestamptz,
    dismissed_by uuid REFERENCES person,
    dismissal text,
    sent_at timestamptz,
    sent_by uuid REFERENCES person,
    acknowledged_at timestamptz,
    acknowledged_by uuid REFERENCES unit,
    resolved_at timestamptz
);
CREATE INDEX alert_open ON alert (commune_id, raised_at DESC);
CREATE INDEX alert_waiting ON alert (camera_id, kind) WHERE state = 'raised';
ALTER TABLE event ADD FOREIGN KEY (alert_id) REFERENCES alert;
CREATE INDEX event_alert ON event (alert_id);

CREATE TABLE alert_recipient (
    alert_id uuid NOT NULL REFERENCES alert,
    unit_id uuid NOT NULL REFERENCES unit,
    sent_at timestamptz NOT NULL,
    arrived_at timestamptz,
    unable_at timestamptz,
    unable_reason text,
    PRIMARY KEY (alert_id, unit_id)
);

-- Append-only: what was done to an alert, an intervention or guidance, by whom, when.
CREATE TABLE history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    about_kind text NOT NULL,
    about_id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    what text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX history_about ON history (about_kind, about_id, id);

-- One message to one device; what must arrive waits here, not in memory.
CREATE TABLE push_delivery (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    device_id uuid NOT NULL REFERENCES device,
    -- The unit that the device was on shift in when it was sent.
    unit_id uuid REFERENCES unit,
    about_kind text NOT NULL CHECK (about_kind IN ('alert', 'guidance')),
    about_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('due', 'accepted', 'failed', 'expired', 'arrived')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    -- When the alert or the guidance was sent.
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    channel text,
    error text NOT NULL DEFAULT '',
    accepted_at timestamptz,
    arrived_at timestamptz,
    UNIQUE (about_kind, about_id, device_id)
);
CREATE INDEX push_delivery_due ON push_delivery (due_at) WHERE state = 'due';

-- Interventions and guidance.

CREATE TABLE intervention (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    alert_id uuid UNIQUE REFERENCES alert,
    kind text NOT NULL,
    lon double precision,
    lat double precision,
    place text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    created_by uuid REFERENCES person,
    closed_at timestamptz,
    closed_by uuid REFERENCES person,
    report text NOT NULL DEFAULT ''
);
CREATE INDEX intervention_open ON intervention (commune_id) WHERE closed_at IS NULL;
ALTER TABLE patrol_stream ADD FOREIGN KEY (intervention_id) REFERENCES intervention;

CREATE TABLE assignment (
    intervention_id uuid NOT NULL REFERENCES intervention,
    unit_id uuid NOT NULL REFERENCES unit,
    assigned_at timestamptz NOT NULL,
    en_route_at timestamptz,
    on_scene_at timestamptz,
    cleared_at timestamptz,
    by_radio boolean NOT NULL DEFAULT false,
    PRIMARY KEY (intervention_id, unit_id)
);
CREATE INDEX assignment_unit ON assignment (unit_id) WHERE cleared_at IS NULL;

CREATE TABLE guidance (
    id uuid PRIMARY KEY,
    commune_id uuid NOT NULL REFERENCES commune,
    unit_id uuid NOT NULL REFERENCES unit,
    intervention_id uuid REFERENCES intervention,
    lon double precision,
    lat double precision,
    place text NOT NULL DEFAULT '',
    text text NOT NULL DEFAULT '',
    sent_by uuid NOT NULL REFERENCES person,
    sent_at timestamptz NOT NULL,
    arrived_at timestamptz,
    read_at timestamptz
);
CREATE INDEX guidance_unit ON guidance (unit_id, sent_at DESC);

-- The register: append-only, chained. Numbers start at 1 and have no gap.
CREATE TABLE register (
    number bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    about text NOT NULL,
    commune_id uuid REFERENCES commune,
    motive text NOT NULL DEFAULT '',
    -- Text, not jsonb: the bytes that were hashed are the bytes that are kept.
    data text NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX register_commune ON register (commune_id, number DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the % is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER register_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON register
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The bus: facts in commit order (publishing takes an advisory lock), and who has read how far.
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fact_id uuid NOT NULL UNIQUE,
    kind text NOT NULL,
    commune_id uuid,
    at timestamptz NOT NULL,
    body jsonb NOT NULL
);
CREATE INDEX outbox_at ON outbox (at);

CREATE TABLE bus_cursor (
    durable text PRIMARY KEY,
    seq bigint NOT NULL
);

CREATE TABLE lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
);

-- The processes that are there: where control reaches a media process, and when it was last heard.
CREATE TABLE process (
    holder text PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('control', 'media', 'detect')),
    url text NOT NULL DEFAULT '',
    tap_path text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    clock_offset_ms double precision,
    health jsonb NOT NULL DEFAULT '{}'
);

-- A person with all habilitations, as the domain's Person wants them.
CREATE VIEW person_with_grants AS
SELECT person.*,
    coalesce(
        (SELECT jsonb_agg(to_jsonb(habilitation) ORDER BY starts_at, habilitation.id)
         FROM habilitation WHERE habilitation.person_id = person.id), '[]'
    ) AS grants
FROM person;

-- An alert with its recipients, as the domain's Alert wants them.
CREATE VIEW alert_with_recipients AS
SELECT alert.*,
    coalesce(
        (SELECT array_agg(unit_id) FROM alert_recipient WHERE alert_id = alert.id), '{}'
    ) AS recipients,
    coalesce(
        (SELECT array_agg(unit_id) FROM alert_recipient
         WHERE alert_id = alert.id AND unable_at IS NOT NULL), '{}'
    ) AS unable
FROM alert;

-- An intervention with its assignments, in the order in which they were made.
CREATE VIEW intervention_with_assignments AS
SELECT intervention.*,
    coalesce(
        (SELECT jsonb_agg(to_jsonb(assignment) ORDER BY assigned_at, unit_id)
         FROM assignment WHERE intervention_id = intervention.id), '[]'
    ) AS assignments
FROM intervention;

-- A device that may still be used, with its agent and the shift that runs.
CREATE VIEW device_in_hand AS
SELECT device.*, to_jsonb(person) - 'password_hash' AS person, to_jsonb(shift) AS shift
FROM device
JOIN person_with_grants AS person ON person.id = device.person_id
LEFT JOIN shift ON shift.device_id = device.id AND shift.ended_at IS NULL
WHERE device.revoked_at IS NULL;

-- A camera with what the law's gate needs to know: its order and its commune's profile.
CREATE VIEW camera_gated AS
SELECT camera.*, commune.profile,
    CASE WHEN prefect_order.id IS NULL THEN NULL ELSE to_jsonb(prefect_order) END AS "order"
FROM camera
JOIN commune ON commune.id = camera.commune_id
LEFT JOIN prefect_order ON prefect_order.id = camera.order_id;
