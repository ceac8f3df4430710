"""Which role is served by which route, said a second time, beside the routes' own ``needs``.

`test_access_matrix` holds the product to it, and it to the product's routes.
"""

from domain.people import Role
from tests.integration.http.mobile_table import MOBILE
from tests.integration.http.town import SHOWS
from tests.integration.http.tries import (
    NOBODY,
    POINT,
    Try,
    delete,
    get,
    options,
    patch,
    post,
    put,
)

OPERATOR, DISPATCHER, SUPERVISOR = Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR
AUDITOR, ADMINISTRATOR = Role.AUDITOR, Role.ADMINISTRATOR
ROOM = (OPERATOR, DISPATCHER, SUPERVISOR)
DECIDES = (OPERATOR, SUPERVISOR)
SETUP = (SUPERVISOR, AUDITOR, ADMINISTRATOR)
RECORDS = (SUPERVISOR, ADMINISTRATOR)
BOOK = (SUPERVISOR, AUDITOR)
ADMIN = (ADMINISTRATOR,)

SDP = {"Content-Type": "application/sdp"}
SOUND = {"Content-Type": "application/octet-stream"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
AT, LATER = "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"
DAY = {"starts_at": AT, "ends_at": "2026-01-02T00:00:00Z"}
SPAN = {"starts_at": AT, "ends_at": LATER}
ZONE_RULE = {
    "kind": "forbidden-zone",
    "name": "quai",
    "shape": "zone",
    "points": [[0, 0], [1, 0], [1, 1]],
}
API: tuple[Try, ...] = (
    post("/sign-in", public=True, body={"sign_in": "nobody", "password": "x"}),
    post("/sign-out", neighbour=None, last=4),
    get("/me", neighbour=None),
    put("/me/password", neighbour=None, body={"current": "x", "new": "y"}),
    put("/me/locale", neighbour=None, body={"locale": "en"}),
    get("/links/link-ville", public=True),
    post("/links/link-ville", public=True, body={"password": "x"}),
    get("/communes", neighbour=200),
    post("/communes", ADMIN, neighbour=200, body={"name": "Troisième", "centre": POINT}),
    patch("/communes/{commune}", ADMIN, body={"name": "Ville-sur-Mer"}),
    get("/profiles", neighbour=200),
    get("/communes/{commune}/profile", SETUP),
    put("/communes/{commune}/profile", ADMIN, body={"profile": "france", "reason": "essai"}),
    get("/communes/{commune}/conventions", ADMIN),
    post(
        "/communes/{commune}/conventions",
        ADMIN,
        body={"guest_id": "{other}", "permissions": ["see-units"], "act_reference": "1", **SPAN},
    ),
    # Its guest may read it, and is told that ending it is the owner's.
    delete("/conventions/{convention}", ADMIN, neighbour=403, last=1),
    get("/people", ADMIN, neighbour=200),
    post(
        "/people",
        ADMIN,
        body={"name": "Nouvelle", "sign_in": "nouvelle", "commune_id": "{commune}"},
    ),
    patch("/people/{agent}", ADMIN, body={"name": "Autre"}),
    post("/people/{agent}/password-link", ADMIN),
    post(
        "/people/{agent}/habilitations",
        ADMIN,
        body={"commune_id": "{commune}", "role": "operator", "act_reference": "2"},
    ),
    delete("/people/{agent}/habilitations/{grant-agent}", ADMIN, last=3),
    delete("/people/{spare}/sessions", ADMIN),
    get("/units", neighbour=200),
    post(
        "/units",
        ADMIN,
        body={
            "commune_id": "{commune}",
            "call_sign": "PM 3",
            "kind": "asvp",
            "armed": False,
        },
    ),
    patch("/units/{unit}", ADMIN, body={"armed": False}),
    get("/units/board", ROOM, neighbour=200),
    get("/units/{unit}/track", ROOM),
    post("/units/{unit}/guidance", ROOM, body={"text": "par la rue Basse"}),
    get("/guidance", ROOM, neighbour=200),
    get("/devices", SETUP, neighbour=200),
    post(
        "/devices",
        ADMIN,
        body={"commune_id": "{commune}", "name": "Téléphone 2", "person_id": "{agent}"},
    ),
    delete("/devices/{device}", ADMIN, last=3),
    post("/devices/{device}/enrolment-code", ADMIN),
    get("/orders", SETUP, neighbour=200),
    post("/orders", ADMIN, body={"commune_id": "{commune}", "number": "3", **SPAN}),
    patch("/orders/{order}", ADMIN, body={"number": "4"}),
    get("/cameras", neighbour=200),
    post(
        "/cameras",
        ADMIN,
        body={
            "commune_id": "{commune}",
            "number": 13,
            "name": "Gare",
            "main_url": "rtsp://10.0.0.6/",
            "point": POINT,
            "bearing_deg": 0,
            "field_of_view_deg": 60,
            "range_m": 50,
        },
    ),
    get("/cameras/{camera}", (*ROOM, AUDITOR, ADMINISTRATOR)),
    patch("/cameras/{camera}", ADMIN, body={"name": "Autre"}),
    get("/cameras/{camera}/vitals", ADMIN),
    delete("/cameras/{camera}", ADMIN, last=1),
    post("/cameras/check", ADMIN, neighbour=None, body={"main_url": "rtsp://10.0.0.5/"}),
    post(
        "/communes/{commune}/camera-imports", ADMIN, body={"format": "csv", "text": "name;url\na;b"}
    ),
    get("/communes/{commune}/camera-imports", ADMIN),
    delete("/communes/{commune}/camera-imports/{unit}", ADMIN, missing=True),
    get("/communes/{commune}/camera-list", ADMIN),
    post("/onvif/search", ADMIN, neighbour=None, body={}),
    post("/onvif/description", ADMIN, neighbour=None, body={"address": "10.0.0.5"}),
    post("/onvif/clock", ADMIN, neighbour=None, body={"address": "10.0.0.5"}),
    # The seed's camera is not known by ONVIF.
    get("/cameras/{camera}/ptz", ROOM, missing=True),
    get("/cameras/{camera}/presets", RECORDS, missing=True),
    post("/cameras/{camera}/ptz/lock", ROOM, missing=True, body={}),
    delete("/cameras/{camera}/ptz/lock", ROOM),
    post("/cameras/{camera}/ptz/movement", ROOM, missing=True, body={}),
    post("/cameras/{camera}/ptz/act", ROOM, missing=True, body={"act": "preset", "what": "1"}),
    get("/cameras/{camera}/ptz/tour", ROOM),
    put("/cameras/{camera}/ptz/tour", ROOM, body={"stops": []}),
    post("/cameras/{camera}/ptz/tour", ROOM, missing=True, body={"running": True}),
    options("/cameras/{camera}/talk", ROOM),
    post("/cameras/{camera}/talk", ROOM, query={"motive": "dépôt"}, headers=SDP, raw=b"v=0"),
    post(
        "/cameras/{camera}/announcement",
        ROOM,
        body={"announcement_id": "{announcement}", "motive": "dépôt"},
    ),
    # A talk is its speaker's alone: the operator of the seed.
    patch("/talks/{talk}", (OPERATOR,), headers=FRAGMENT, raw=b"a=x"),
    delete("/talks/{talk}", (OPERATOR,)),
    get("/announcements", ROOM, neighbour=200),
    post(
        "/announcements",
        (SUPERVISOR,),
        query={"commune": "{commune}", "name": "Neuve", "text": "Partez."},
        headers=SOUND,
        raw=b"RIFF",
    ),
    get("/announcements/{announcement}/audio", ROOM),
    delete("/announcements/{announcement}", (SUPERVISOR,), last=2),
    put(
        "/cameras/{camera}/onvif",
        ADMIN,
        body={"address": "10.0.0.5", "profile": "p", "model": "m", "has_ptz": True},
    ),
    post("/cameras/{camera}/onvif/description", ADMIN, body={"address": "10.0.0.5"}),
    delete("/cameras/{camera}/onvif", ADMIN),
    get("/cameras/{camera}/still", (*ROOM, ADMINISTRATOR)),
    get("/cameras/{camera}/looks", RECORDS, query={"motive": "réglage"}),
    # Who draws rules and may look back as well.
    post(
        "/cameras/{camera}/trials",
        (SUPERVISOR,),
        body={"rules": [ZONE_RULE], "motive": "réglage", **DAY},
    ),
    get("/cameras/{camera}/trials/{unit}", (SUPERVISOR,), missing=True),
    put("/cameras/{camera}/trials/{unit}/film", (SUPERVISOR,), missing=True, headers=SOUND),
    delete("/cameras/{camera}/trials/{unit}", (SUPERVISOR,), missing=True),
    get("/cameras/{camera}/trials/{unit}/moments/{unit}/still", (SUPERVISOR,), missing=True),
    get("/rule-types", SETUP, neighbour=200),
    get("/rules/states", neighbour=200),
    get("/cameras/{camera}/rules", SETUP),
    put("/cameras/{camera}/rules", RECORDS, body={"rules": []}),
    # The seed's camera has no such rule.
    get("/cameras/{camera}/rules/{unit}/references", SETUP, missing=True),
    put("/cameras/{camera}/rules/{unit}/references/{unit}", RECORDS, missing=True),
    get("/cameras/{camera}/rules/{unit}/references/{unit}/picture", RECORDS, missing=True),
    delete("/cameras/{camera}/rules/{unit}/references/{unit}", RECORDS, missing=True),
    get("/cameras/{camera}/masks", SETUP),
    put("/cameras/{camera}/masks", ADMIN, body={"masks": [], "after": 0}),
    get("/cameras/{camera}/masks/picture", ADMIN, query={"motive": "masques"}),
    get("/authorisations", SETUP, neighbour=200),
    post(
        "/authorisations",
        RECORDS,
        body={
            "commune_id": "{commune}",
            "profile": "france",
            "law": "l",
            "authority": "a",
            "act_reference": "r",
            "act_date": "2024-01-01",
            "purpose": "p",
            "place": "p",
            "kinds": ["fire"],
            "camera_ids": ["{camera}"],
            **SPAN,
        },
    ),
    post("/authorisations/{authorisation}/revocation", RECORDS),
    get("/communes/{commune}/detection", SETUP),
    get("/sensors", SETUP, neighbour=200),
    post(
        "/sensors",
        ADMIN,
        body={
            "commune_id": "{commune}",
            "name": "Portail",
            "sort": "alarm-panel",
            "kinds": ["forbidden-zone"],
            "point": POINT,
        },
    ),
    patch("/sensors/{sensor}", ADMIN, body={"maker": "Autre"}),
    post("/sensors/{sensor}/secret", ADMIN, body={}),
    # It knows its sensors by their signatures: who has none is told nothing.
    post("/sensors/{sensor}/reports", public=True, missing=True, body={}),
    get("/authorisations/{authorisation}/evaluation", SETUP),
    get("/suspensions", SETUP, neighbour=200),
    # Lifted once, the next who may is told so: 409.
    post("/suspensions/{suspension}/lifting", (SUPERVISOR,), body={"motive": "recadrée"}, last=1),
    get("/alerts", ROOM, neighbour=200),
    post("/alerts", ROOM, body={"commune_id": "{commune}", "kind": "theft", "point": POINT}),
    get("/alerts/{alert}", ROOM),
    get("/alerts/{alert}/still", ROOM),
    post("/alerts/{raised}/handling", DECIDES),
    post("/alerts/{raised}/confirmation", DECIDES),
    post("/alerts/{raised}/dismissal", DECIDES, body={"reason": "test"}),
    post("/alerts/{raised}/reopening", DECIDES),
    get("/alerts/{alert}/candidates", ROOM),
    post("/alerts/{alert}/sending", ROOM, body={"unit_ids": ["{unit-2}"]}),
    post("/alerts/{alert}/resolution", ROOM),
    get("/interventions", ROOM, neighbour=200),
    get("/interventions/{intervention}", ROOM),
    post("/interventions", ROOM, body={"commune_id": "{commune}", "kind": "theft"}),
    post("/interventions/{intervention}/units", ROOM, body={"unit_ids": ["{unit-2}"]}),
    post("/interventions/{intervention}/units/{unit}/state", ROOM, body={"state": "en-route"}),
    post("/interventions/{intervention}/closing", ROOM, last=1),
    options("/streams/{camera-stream}/whep", ROOM, device=True),
    post("/streams/{camera-stream}/whep", ROOM, device=True, headers=SDP, raw=b"v=0"),
    # A viewing is its viewer's alone: the operator of the seed.
    patch("/viewings/{viewing}", (OPERATOR,), headers=FRAGMENT, raw=b"a=x"),
    delete("/viewings/{viewing}", (OPERATOR,)),
    get("/viewings/{viewing}/statistics", (OPERATOR,)),
    get("/walls", ROOM, neighbour=200),
    post("/walls", ROOM, body={"commune_id": "{commune}", "name": "Bureau", "shows": SHOWS}),
    put("/walls/{wall}", ROOM, body={"shows": SHOWS}),
    delete("/walls/{wall}", ROOM, last=1),
    get("/layouts", ROOM, neighbour=200),
    post("/layouts", ROOM, neighbour=None, body={"name": "Jour", "shows": SHOWS}),
    # A layout is its author's alone: the operator of the seed.
    put("/layouts/{layout}", (OPERATOR,), body={"name": "Nuit", "shows": SHOWS}),
    delete("/layouts/{layout}", (OPERATOR,), last=1),
    options("/whip", NOBODY, device=True, neighbour=None),
    post(
        "/whip",
        NOBODY,
        device=True,
        last=1,  # it takes the place of the device's other stream
        neighbour=None,
        query={"reason": "officers-threatened"},
        headers=SDP,
        raw=b"v=0",
    ),
    patch(
        "/publications/{stream}",
        NOBODY,
        device=True,
        query={"session": "0" * 32},
        headers=FRAGMENT,
        raw=b"a=x",
    ),
    delete("/publications/{stream}", NOBODY, device=True, last=1),
    get("/streams", ROOM, neighbour=200),
    post("/streams/{stream}/reception", ROOM),
    get("/live", device=True, neighbour=None),
    get("/map/style.json", device=True, neighbour=None),
    get("/map/tiles.pmtiles", device=True, neighbour=None),
    get("/map/places", device=True, neighbour=None, query={"q": "rue"}),
    get("/map/place", device=True, neighbour=None, query={"lon": "3.06", "lat": "50.63"}),
    get("/communes/{commune}/recording", SETUP),
    put("/communes/{commune}/recording", ADMIN, body={"days": 15}),
    # The seed's host has no clock that jumped.
    post(
        "/communes/{commune}/recording/clock",
        ADMIN,
        missing=True,
        body={"host": "none", "off_s": 0.0},
    ),
    # The seed has no volume.
    get("/communes/{commune}/volumes/{camera}/loss", ADMIN, missing=True),
    post(
        "/communes/{commune}/volumes/{camera}/loss",
        ADMIN,
        missing=True,
        body={"segments": 0, "held": 0, "motive": "disque cassé"},
    ),
    put("/cameras/{camera}/recording", ADMIN, body={"never": True}),
    get("/communes/{commune}/receipts", BOOK, query={"first": "2026-01-01", "last": "2026-02-01"}),
    post(
        "/cameras/{camera}/playback",
        DECIDES,
        body={
            "starts_at": AT,
            "ends_at": "2026-01-01T01:00:00Z",
            "motive": "relecture",
        },
    ),
    post(
        "/streams/{stream}/playback",
        DECIDES,
        body={
            "starts_at": AT,
            "ends_at": "2026-01-01T01:00:00Z",
            "motive": "relecture",
        },
    ),
    post(
        "/playbacks",
        DECIDES,
        body={
            "sources": [{"source": "{camera}"}, {"source": "{stream}"}],
            "starts_at": AT,
            "ends_at": "2026-01-01T01:00:00Z",
            "motive": "relecture",
        },
    ),
    get("/cameras/{camera}/recorded", DECIDES, query=DAY),
    get("/streams/{stream}/recorded", DECIDES, query=DAY),
    get("/cameras/{camera}/neighbours", ROOM),
    # Its author's alone, the operator's of the seed; and nothing was recorded.
    get("/playbacks/{playback}/segments/{segment}.mp4", (OPERATOR,), missing=True),
    get(
        "/playbacks/{playback}/segments/{segment}/h264.mp4",
        (OPERATOR,),
        query={"start": "0", "stop": "1"},
        missing=True,
    ),
    get("/playbacks/{playback}/index.m3u8", (OPERATOR,), missing=True),
    get("/playbacks/{playback}/thumbnails", (OPERATOR,), query={"at": AT}, missing=True),
    # The operator's playback, and a supervisor's permission: nobody has both.
    post("/playbacks/{playback}/stills", NOBODY, body={"at": AT, "motive": "remise"}),
    post("/playbacks/{playback}/clips", NOBODY, body={**DAY, "motive": "remise"}),
    # Its author's alone: the supervisor of the seed.
    get("/clips/{clip}", (SUPERVISOR,)),
    get("/clips/{clip}/file.mp4", (SUPERVISOR,), missing=True),
    get("/clips/{clip}/manifest", (SUPERVISOR,), missing=True),
    get(
        "/playbacks/{playback}/keyframes",
        (OPERATOR,),
        query={"starts_at": AT, "ends_at": "2026-01-01T01:00:00Z"},
    ),
    get("/holds", SETUP, neighbour=200),
    post(
        "/holds",
        RECORDS,
        body={"commune_id": "{commune}", "requisition": "1", "sources": ["{camera}"], **SPAN},
    ),
    # Lifted once, the next who may is told so: 409.
    post("/holds/{hold}/lifting", RECORDS, body={"because": "remise"}, last=1),
    get("/health", neighbour=200),
    get("/register", BOOK, query={"commune": "{commune}"}),
    post("/register/verification", BOOK, neighbour=None),
    get("/openapi.json", public=True),
)
STRANGER = {"id": "unknown", "lat": "50.6", "lon": "3.0"}
ROOT: tuple[Try, ...] = (
    get("/healthz", public=True),
    get("/readyz", public=True),
    get("/metrics", public=True),
    get("/root.crt", public=True, missing=True),
    get("/root.mobileconfig", public=True, missing=True),
    # It knows its devices by a secret of their own, which is in the query.
    get("/osmand", public=True, missing=True, query=STRANGER),
    post("/osmand", public=True, missing=True, query=STRANGER),
    get("/", public=True),
    get("/patrol/", public=True),
    get("/patrol", public=True),
    get("/assets/nothing.js", public=True),
)
TRIES = (*((f"/api/v1{one.path}", one) for one in (*API, *MOBILE)), *((o.path, o) for o in ROOT))
