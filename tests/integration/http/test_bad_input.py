"""Bad input on every route: a problem that says what is wrong, and never a 500."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from domain.people import PERMISSIONS, Permission, Role
from mobile_api.description import Needs, Route
from server.http.app import mounted
from tests.integration.http.access_table import API
from tests.integration.http.conftest import Installation
from tests.integration.http.mobile_table import MOBILE
from tests.integration.http.town import TOWN
from tests.integration.http.tries import POINT, Try, filled, shape

JSON = {"Content-Type": "application/json"}
#: Bodies that no route takes. A control character that is no line break is refused in every text.
RAW: dict[str, bytes] = {
    "malformed": b'{"name": ',
    "half a character": b'{"name": "caf\xc3',
    "not a number": b'{"point": {"type": "Point", "coordinates": [NaN, Infinity]}}',
    "twice": b'{"name": "a", "name": "b"}',
    "deep": b"[" * 60_000,
    "a list": b"[1, 2]",
    "null": b"null",
    "unknown field": b'{"surprise": 1}',
    "a long number": b'{"number": ' + b"9" * 5000 + b"}",
    "utf-16": '{"name": "x"}'.encode("utf-16"),
    "nothing": b"",
}
NAUGHTY: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    1e308,
    "",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "é" * 5000,
    "'; DROP TABLE alert; --",
    "../../etc/passwd",
    [],
    {},
    [[]],
    {"type": "Point", "coordinates": [200, 100]},
    {"type": "Point", "coordinates": ["3", None]},
    "2026-01-01T00:00:00",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "00000000-0000-0000-0000-000000000000",
)


def tries() -> Iterator[tuple[Route, str, Try, str]]:
    """Each route with its address, what the access matrix sends it, and who may ask."""
    known = {(one.method, shape(f"/api/v1{one.path}")): one for one in (*API, *MOBILE)}
    for prefix, route in mounted():
        one = known.get((route.method, shape(prefix + route.path)))
        if one is not None:
            yield route, f"/api/v1{one.path}", one, holder(route)


def holder(route: Route) -> str:
    """Give the token of somebody whom the route serves."""
    if isinstance(route.needs, Permission):
        if route.path.startswith("/viewings"):
            return TOWN.token("operator")
        roles = (role for role in Role if route.needs in PERMISSIONS[role])
        return TOWN.token(next(roles).value)
    if route.needs is Needs.DEVICE:
        return TOWN.token("device")
    return TOWN.token("operator")


async def wrong(town: Installation, route: Route, path: str, token: str, **said: Any) -> str | None:
    """Ask; say what was wrong with the answer: a mistake of ours, or no problem document."""
    status, answer = await town.ask(route.method, path, token=token, **said)
    told = f"{route.method} {path} {str(said)[:120]} -> {status} {str(answer)[:200]}"
    if status >= 500 and not (isinstance(answer, dict) and answer.get("status") == 503):
        return told
    if status >= 400 and not (isinstance(answer, dict) and answer["request_id"]):
        return told
    return None


async def test_no_body_is_strange_enough_for_a_500(town: Installation) -> None:
    found: list[str | None] = []
    for route, path, _, token in tries():
        if route.method in ("POST", "PUT", "PATCH"):
            found += [
                await wrong(town, route, filled(path), token, data=raw, headers=JSON)
                for raw in RAW.values()
            ]

    assert [one for one in found if one] == []


async def test_no_value_is_strange_enough_for_a_500(town: Installation) -> None:
    """Every field of every body, one after the other, with each naughty value."""
    found: list[str | None] = []
    for route, path, one, token in tries():
        if isinstance(one.body, dict) and route.path not in ("/sign-out",):
            for name in one.body:
                for value in NAUGHTY:
                    body = json.dumps(filled(one.body) | {name: value}).encode()
                    found.append(
                        await wrong(town, route, filled(path), token, data=body, headers=JSON)
                    )

    assert [one for one in found if one] == []


async def test_no_query_is_strange_enough_for_a_500(town: Installation) -> None:
    found: list[str | None] = []
    for route, path, one, token in tries():
        if route.query is None:
            continue
        for name in [*route.query.model_fields, "surprise"]:
            for value in ("", "\x00", "NaN", "-1", "9" * 400, "é\ud7ff", "null"):
                query = dict(filled(one.query)) | {name: value}
                found.append(
                    await wrong(
                        town, route, filled(path), token, params=query, headers=dict(one.headers)
                    )
                )

    assert [one for one in found if one] == []


async def test_unknown_and_malformed_ids_are_not_found(town: Installation) -> None:
    found: list[str] = []
    for route, path, one, token in tries():
        names = re.findall(r"\{([\w-]+)\}", path)
        for value in (str(uuid4()), "nonsense", "%00", "x" * 300) if names else ():
            asked = re.sub(r"\{[\w-]+\}", value, path)
            said: dict[str, Any] = {"headers": dict(one.headers), "params": filled(one.query)}
            if one.raw is not None:
                said["data"] = one.raw
            elif one.body is not None:
                said["json"] = filled(one.body)
            status, answer = await town.ask(route.method, asked, token=token, **said)
            # Who signs nothing is not told whether there is such a sensor.
            expected = (404, 403, 401) if one.public else (404, 403)
            if status not in expected:
                found.append(f"{route.method} {asked} -> {status} {answer}")

    assert found == []


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit_is_refused_whatever_its_length_claims(
    town: Installation, declared: bool
) -> None:
    huge = b'{"text": "' + b"x" * 300_000 + b'"}'

    async def pieces() -> Any:
        for start in range(0, len(huge), 10_000):
            yield huge[start : start + 10_000]

    status, answer = await town.ask(
        "POST",
        f"/api/v1/units/{TOWN.text('unit')}/guidance",
        token=TOWN.token("operator"),
        data=huge if declared else pieces(),
        headers=JSON,
    )

    assert (status, answer["type"], answer["limit"]) == (413, "/problems/too-large", 65536)


async def test_a_body_of_another_type_is_refused_by_name(town: Installation) -> None:
    status, answer = await town.ask(
        "POST",
        f"/api/v1/units/{TOWN.text('unit')}/guidance",
        token=TOWN.token("operator"),
        data=b"text=hello",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert (status, answer["type"]) == (415, "/problems/wrong-media-type")
    assert answer["expected"] == "application/json"


async def test_all_that_is_wrong_with_a_body_is_told_at_once(town: Installation) -> None:
    status, answer = await town.ask(
        "POST",
        "/api/v1/units",
        token=TOWN.token("administrator"),
        json={"commune_id": "x", "call_sign": "a\x07b", "kind": "navy", "extra": 1},
    )

    assert status == 422
    where = {one["where"] for one in answer["errors"]}
    assert where == {"/commune_id", "/call_sign", "/kind", "/extra", "/armed"}
    assert "\x07" not in json.dumps(answer)


async def test_a_boolean_is_no_coordinate(town: Installation) -> None:
    status, answer = await town.ask(
        "POST",
        "/api/v1/interventions",
        token=TOWN.token("operator"),
        json={
            "commune_id": str(TOWN.commune),
            "kind": "theft",
            "point": POINT | {"coordinates": [False, 50.0]},
        },
    )

    assert (status, answer["errors"][0]["where"]) == (422, "/point/coordinates/0")


async def test_what_is_no_http_leaves_a_line_and_no_traceback(
    town: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "aiohttp.server"):
        status, _ = await town.ask("GET", "/api/v1/me", token="x" * 10_000)

    assert status == 400
    assert [record.exc_info for record in caplog.records if record.name == "aiohttp.server"] == [
        None
    ]


async def test_head_is_not_answered_by_running_a_handler(town: Installation) -> None:
    status, _ = await town.ask("HEAD", "/api/v1/alerts", token=TOWN.token("operator"))

    assert status == 405


@pytest.mark.parametrize("token", ["", "x" * 7_000, "é", "a b c", "\t"])
async def test_a_strange_token_is_nobody_s(town: Installation, token: str) -> None:
    status, _ = await town.ask("GET", "/api/v1/me", token=token)

    assert status == 401
