"""Every operation of the phones' API, and who it is for."""

from uuid import uuid4

from tests.integration.http.town import NOW
from tests.integration.http.tries import POINT, Try, phone

MOBILE: tuple[Try, ...] = (
    Try(
        method="POST",
        path="/mobile/enrolment",
        public=True,
        body={"code": "AAAAA-BBBBB", "pin": "1234"},
    ),
    phone("GET", "/me", neighbour=None),
    phone("PUT", "/push-subscription", neighbour=None, body={"channel": "firebase", "fid": "f"}),
    phone("DELETE", "/push-subscription", neighbour=None),
    phone("POST", "/push-subscription/test", neighbour=None),
    # The seed's PIN opens nothing: the answer is 403 `wrong-pin`, which the test knows.
    phone("POST", "/shift", neighbour=None, body={"unit_id": "{unit}", "pin": "1234"}),
    phone("DELETE", "/shift", neighbour=None, last=2),
    phone("POST", "/shift/break", neighbour=None, last=1),
    phone("DELETE", "/shift/break", neighbour=None, last=1),
    phone(
        "POST",
        "/positions",
        neighbour=None,
        body={"positions": [{"id": str(uuid4()), "point": POINT, "fixed_at": NOW.isoformat()}]},
    ),
    phone("GET", "/alerts", neighbour=200),
    phone("GET", "/alerts/{alert}"),
    phone("GET", "/alerts/{alert}/still"),
    phone("POST", "/alerts/{alert}/arrival"),
    phone("POST", "/alerts/{alert}/acknowledgement"),
    phone("POST", "/alerts/{alert}/refusal", body={"reason": "loin"}),
    phone("GET", "/interventions/{intervention}"),
    phone("POST", "/interventions/{intervention}/state", body={"state": "en-route"}),
    phone("GET", "/guidance", neighbour=200),
    phone("POST", "/guidance/{guidance}/arrival"),
    phone("POST", "/guidance/{guidance}/reading"),
    phone("POST", "/alarms", neighbour=None, body={}),
    phone("GET", "/cameras", neighbour=200),
    phone("GET", "/cameras/{camera}/still"),
)
