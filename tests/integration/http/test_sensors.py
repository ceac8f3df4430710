"""Sensors over HTTP: a signed report becomes an event under an act; anything else, nothing."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from domain.alerts import DismissalReason
from domain.identifiers import EventId, SensorId
from domain.people import Role
from domain.webhooks import read, signature_of, written
from mobile_api.bodies import read_bytes
from server.database.alerts import Alerts
from server.database.bus import PgBus
from server.http import keys
from server.http.app import utc_now
from server.http.sensors import BY_SENSOR, BY_STRANGER
from server.intake import Intake
from tests.integration.http.conftest import Installation
from tests.integration.http.town import NOW, SENSOR_SECRET, TOWN

SENSOR = f"/api/v1/sensors/{TOWN.text('sensor')}"
FULL = b'{"type": "sensor.event", "data": {"kind": "overfull-bin"}}'
FIRE = FULL.replace(b"overfull-bin", b"fire")
CLIENT = Path(__file__).parents[3] / "docs" / "guide" / "report.py"
LIMIT_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Said:
    """One request as a sensor sends it; what is None is left out."""

    body: bytes = FULL
    secret: bytes = SENSOR_SECRET
    id: str = field(default_factory=lambda: f"msg_{uuid4().hex}")
    age: timedelta = timedelta()
    path: str = f"{SENSOR}/reports"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def to(
        self, town: Installation, *, data: AsyncIterator[bytes] | None = None
    ) -> tuple[int, Any]:
        timestamp = str(int((utc_now() - self.age).timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": self.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": "v1," + signature_of(self.secret, self.id, timestamp, self.body),
            **self.headers,
        }
        return await town.ask("POST", self.path, headers=headers, data=data or self.body)


async def ask(town: Installation, who: str, method: str, path: str, body: Any) -> tuple[int, Any]:
    return await town.ask(method, path, token=TOWN.token(who), json=body)


async def record(town: Installation, **changes: Any) -> tuple[int, Any]:
    """Record an act for the sensor alone, on another law than the decree's."""
    body = {
        "commune_id": str(TOWN.commune),
        "profile": "france",
        "law": "CGCT, art. L2212-2",
        "authority": "maire",
        "act_reference": "arrêté 31",
        "act_date": "2024-01-01",
        "purpose": "propreté",
        "place": "quai Nord",
        "kinds": ["overfull-bin", "dumping"],
        "sensor_ids": [TOWN.text("sensor")],
        "starts_at": (NOW - timedelta(days=1)).isoformat(),
        "ends_at": (NOW + timedelta(days=1)).isoformat(),
    }
    return await ask(town, "supervisor", "POST", "/api/v1/authorisations", body | changes)


@pytest.fixture(autouse=True)
async def known_secret(town: Installation) -> None:
    """The template's was sealed with another installation's key."""
    await town.app[keys.SENSORS].renew_secret(
        SensorId(TOWN.id("sensor")), SENSOR_SECRET, keep_previous=False, actor="system", at=NOW
    )


@pytest.fixture
async def act(town: Installation) -> Any:
    status, act = await record(town)
    assert status == 201
    return act


async def count(town: Installation, what: str) -> int:
    return int(await town.database.value(f"SELECT count(*) FROM {what}"))  # noqa: S608 - our own words


async def standing(town: Installation) -> Any:
    found = await town.ask("GET", "/api/v1/sensors", token=TOWN.token("auditor"))
    return next(one for one in found[1] if one["id"] == TOWN.text("sensor"))


async def test_a_report_is_an_event_under_its_act_and_an_alert_at_the_sensor_s_place(
    town: Installation, act: Any
) -> None:
    status, taken = await Said().to(town)
    assert status == 202, taken
    event_id = EventId(taken["event_id"])
    alert_id = await Intake(town.database, PgBus(town.database)).raise_for(event_id)

    assert status == 202
    _, alert = await town.ask("GET", f"/api/v1/alerts/{alert_id}", token=TOWN.token("operator"))
    assert (alert["kind"], alert["origin"], alert["state"]) == ("overfull-bin", "sensor", "raised")
    assert (alert["camera_id"], alert["sensor_id"]) == (None, TOWN.text("sensor"))
    assert (alert["still"], alert["place"]) == (False, "Corbeille du quai · quai Nord")
    assert alert["point"]["coordinates"] == [3.06, 50.63]
    assert alert["event"]["authorisation"]["id"] == act["id"]
    assert alert["event"]["service"] == "cleaning"
    assert (await standing(town))["taken"] == 1


async def test_the_same_report_again_is_answered_the_same_and_another_under_its_id_is_refused(
    town: Installation, act: Any
) -> None:
    said = Said()
    answers = await asyncio.gather(*(said.to(town) for _ in range(4)))
    changed = await replace(said, body=FIRE).to(town)

    assert {status for status, _ in answers} == {202}
    assert len({taken["event_id"] for _, taken in answers}) == 1
    assert await count(town, "event") == 1
    assert (changed[0], changed[1]["type"]) == (409, "/problems/report-changed")


async def test_a_report_is_of_the_moment_at_which_all_of_it_has_come(
    town: Installation, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begun under an act and ended after it, it would be an event of the act's last second."""
    begun = asyncio.Event()

    async def reading(request: web.Request, *, limit: int) -> bytes:
        begun.set()
        return await read_bytes(request, limit=limit)

    async def body_over_the_end() -> AsyncIterator[bytes]:
        yield FULL[:5]
        await begun.wait()
        await town.database.rows(
            "UPDATE authorisation SET ends_at = now() WHERE id = $1", UUID(act["id"])
        )
        yield FULL[5:]

    monkeypatch.setattr("server.http.sensors.read_bytes", reading)
    status, problem = await Said().to(town, data=body_over_the_end())

    assert (status, problem["type"]) == (403, "/problems/kind-not-allowed")
    assert await count(town, "event") == 0


async def until_too_many(town: Installation, **said: Any) -> set[int]:
    """Send reports until they are too many; give what was answered before."""
    for buckets in (BY_SENSOR, BY_STRANGER):
        town.app[buckets]._per_s = 1e-6  # nothing is gained meanwhile, however slow the machine
    statuses: set[int] = set()
    for _ in range(100):
        status, _ = await Said(**said).to(town)
        if status == 429:
            return statuses
        statuses.add(status)
    raise AssertionError("never too many")


FORGED = {
    "another's secret": Said(secret=bytes(32)),
    "old": Said(age=timedelta(minutes=6)),
    "of the future": Said(age=timedelta(minutes=-6)),
    "unknown sensor": Said(path=f"/api/v1/sensors/{uuid4()}/reports"),
    "no sensor at all": Said(path="/api/v1/sensors/x/reports"),
    "the neighbour's": Said(secret=bytes(31)),
    "changed on the way": Said(headers={"webhook-id": "msg_other"}),
    "unsigned": Said(headers={"webhook-signature": ""}),
    "another version": Said(headers={"webhook-signature": "v2,AAAA"}),
    "a token in its place": Said(
        headers={"webhook-signature": "", "Authorization": f"Bearer {TOWN.token('administrator')}"}
    ),
}


async def test_a_stranger_is_told_one_and_the_same_thing(town: Installation, act: Any) -> None:
    answers = {what: await said.to(town) for what, said in FORGED.items()}

    assert {status for status, _ in answers.values()} == {401}
    said = {(one["type"], one["title"], one["detail"]) for _, one in answers.values()}
    assert len(said) == 1
    assert await count(town, "event") == 0
    assert (await standing(town))["refused"] == 0  # a stranger does not even count


async def test_a_stranger_is_slowed_down_and_what_is_signed_goes_on(
    town: Installation, act: Any
) -> None:
    assert await until_too_many(town, secret=bytes(32)) == {401}
    assert (await Said().to(town))[0] == 202


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (Said(body=b"{"), 400, "bad-json"),
        (Said(body=b""), 422, "invalid"),
        (Said(body=FULL[:-1] + b', "sound": "UklGRg=="}'), 422, "invalid"),
        (Said(body=FULL.replace(b"overfull-bin", b"assault")), 403, "kind-not-allowed"),
        (Said(body=FULL.replace(b"overfull-bin", b"gunshot")), 422, "invalid"),
        (Said(headers={"Content-Type": "audio/wav"}), 415, "wrong-media-type"),
        (Said(body=b"[" * 4000), 400, "bad-json"),
    ],
)
async def test_what_is_signed_and_wrong_is_told_what_is_wrong(
    town: Installation, act: Any, said: Said, status: int, code: str
) -> None:
    answer = await said.to(town)

    assert (answer[0], answer[1]["type"]) == (status, f"/problems/{code}")
    assert await count(town, "event") == 0
    kept = await standing(town)
    assert (kept["refused"], kept["refused_because"]) == (1, code)


async def test_a_huge_body_is_read_to_its_limit_and_no_further(town: Installation) -> None:
    status, problem = await Said(body=b" " * 5000).to(town)

    assert (status, problem["type"]) == (413, "/problems/too-large")


async def test_without_an_act_nothing_is_taken_and_the_owner_sees_why(town: Installation) -> None:
    status, problem = await Said().to(town)

    assert (status, problem["type"]) == (403, "/problems/kind-not-allowed")
    assert problem["kind"] == "overfull-bin"
    assert "no authorisation in force" in problem["detail"]
    assert (await standing(town))["refused_because"] == "kind-not-allowed"
    await record(town)
    assert (await Said().to(town))[0] == 202
    assert (await Said(body=FIRE).to(town))[0] == 403  # the act does not name it


async def test_more_than_a_sensor_has_to_say_waits_and_its_owner_sees_it(
    town: Installation, act: Any
) -> None:
    assert await until_too_many(town) == {202}
    kept = await standing(town)
    assert (kept["refused"], kept["refused_because"]) == (1, "too-many")


async def test_two_secrets_are_good_during_a_rotation_and_none_once_out_of_use(
    town: Installation, act: Any
) -> None:
    _, renewed = await ask(town, "administrator", "POST", f"{SENSOR}/secret", {})
    new = read(renewed["secret"])
    both = [(await Said(secret=one).to(town))[0] for one in (SENSOR_SECRET, new)]
    await ask(town, "administrator", "POST", f"{SENSOR}/secret", {"keep_previous": False})
    ended = (await Said(secret=new).to(town))[0]
    _, again = await ask(town, "administrator", "POST", f"{SENSOR}/secret", {})
    await ask(town, "administrator", "PATCH", SENSOR, {"in_use": False})

    assert (both, ended) == ([202, 202], 401)
    assert (await Said(secret=read(again["secret"])).to(town))[0] == 401
    assert (await standing(town))["disabled_at"] is not None
    kept = await town.database.value(
        "SELECT string_agg(data, '') FROM register WHERE about LIKE 'sensor:%'"
    )
    for secret in (SENSOR_SECRET, new, read(again["secret"])):
        assert written(secret) not in kept


def gate(name: str) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "commune_id": str(TOWN.commune),
        "name": name,
        "sort": "alarm-panel",
        "kinds": ["forbidden-zone"],
        "point": {"type": "Point", "coordinates": [3.0, 50.6]},
    }


async def test_two_sensors_of_a_commune_have_two_names(town: Installation) -> None:
    known = (await standing(town))["name"]

    status, problem = await ask(town, "administrator", "POST", "/api/v1/sensors", gate(known))

    assert (status, problem["detail"]) == (409, "another sensor has this name")


async def test_its_secret_is_shown_once(town: Installation) -> None:
    body = gate("Portail de l'école")
    status, first = await ask(town, "administrator", "POST", "/api/v1/sensors", body)
    _, again = await ask(town, "administrator", "POST", "/api/v1/sensors", body)

    assert status == 201
    assert len(read(first["secret"])) == 32
    assert again["secret"] is None
    assert first["place"] == "rue Haute"  # as the map says
    assert "secret" not in await standing(town)


async def test_an_act_on_a_camera_stays_within_the_eight_kinds_beside_a_sensor(
    town: Installation,
) -> None:
    status, problem = await record(town, camera_ids=[TOWN.text("camera")])

    assert (status, problem["missing"]) == (422, ["kind-not-in-decree"])


async def test_a_sensor_that_cries_wolf_is_suspended_like_a_camera(
    town: Installation, act: Any
) -> None:
    operator = TOWN.person(Role.OPERATOR)
    for _ in range(2):
        _, taken = await Said().to(town)
        intake = Intake(town.database, PgBus(town.database))
        alert_id = await intake.raise_for(EventId(taken["event_id"]))
        await Alerts(town.database).change(
            alert_id,
            lambda alert: alert.dismiss(DismissalReason.NOTHING_THERE, by=operator, at=utc_now()),
            actor="system",
        )

    status, problem = await Said().to(town)
    assert (status, "suspended" in problem["detail"]) == (403, True)
    _, listed = await town.ask("GET", "/api/v1/suspensions", token=TOWN.token("supervisor"))
    mine = next(one for one in listed if one["sensor_id"])
    assert (mine["sensor_name"], mine["camera_id"]) == ("Corbeille du quai", None)
    path = f"/api/v1/suspensions/{mine['id']}/lifting"
    assert (await ask(town, "supervisor", "POST", path, {"motive": "corbeille réglée"}))[0] == 200
    assert (await Said().to(town))[0] == 202
    _, figures = await town.ask(
        "GET", f"/api/v1/communes/{TOWN.commune}/detection", token=TOWN.token("auditor")
    )
    of = next(one for one in figures["of_sources"] if one["kind"] == "overfull-bin")
    assert (of["name"], of["number"], of["false_alerts"]) == ("Corbeille du quai", None, 2)


async def test_the_client_of_the_guide_reports_an_event(town: Installation, act: Any) -> None:
    url = str(town.client.make_url(f"{SENSOR}/reports"))
    secret = {"ILOTIER_SENSOR_SECRET": written(SENSOR_SECRET)}

    async def run(*words: str, **environment: str) -> tuple[int | None, str]:
        client = await asyncio.create_subprocess_exec(
            sys.executable,
            CLIENT,
            url,
            *words,
            env={**os.environ, **secret, **environment},
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(LIMIT_S):
            said, _ = await client.communicate()
        return client.returncode, said.decode()

    first, again = [await run("overfull-bin", "--id", "msg_1") for _ in range(2)]
    refused = await run("fire")
    assert first == again
    assert first[0] == 0
    assert json.loads(first[1].removeprefix("202 "))["event_id"]
    assert refused[0] == 1
    assert "kind-not-allowed" in refused[1]
