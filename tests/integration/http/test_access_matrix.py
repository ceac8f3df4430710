"""Who may do what: every route, tried as every role, as devices, as the other commune, as nobody.

The table below says it again, in its own words, beside the routes' own ``needs``; a route that it
does not know fails the test.
"""

from collections.abc import AsyncIterator
from typing import Any

from domain.people import Role
from server.http import pages
from server.http.app import mounted
from tests.integration.http.access_table import TRIES
from tests.integration.http.conftest import Installation
from tests.integration.http.town import NEIGHBOUR, ROLES, THINGS, TOWN
from tests.integration.http.tries import (
    Try,
    filled,
    shape,
)

WHO = (*(role.value for role in ROLES), "device")

#: Refusals that say something of the request, not of who asks.
NOT_OF_ACCESS = frozenset(
    {
        "wrong-pin",
        "no-order-in-force",
        "not-authorised",
        "session-not-found",
        "wrong-sign-in",
        "bad-enrolment-code",
        "report-not-taken",
    }
)


async def ask(town: Installation, path: str, one: Try, token: str | None) -> tuple[int, str, str]:
    """Give the status, the problem's code ("" for none) and the text of the answer."""
    said: dict[str, Any] = {"params": filled(one.query), "headers": dict(one.headers)}
    if one.body is not None:
        said["json"] = filled(one.body)
    if one.raw is not None:
        said["data"] = one.raw
    status, answer = await town.ask(one.method, filled(path), token=token, **said)
    is_problem = isinstance(answer, dict) and "request_id" in answer
    return status, answer["type"].rpartition("/")[2] if is_problem else "", str(answer)


async def test_nobody_is_served_whom_the_table_does_not_name(town: Installation) -> None:
    """Nobody, a wrong token, roles that may not, devices, and everybody of the other commune."""
    wrong: list[str] = []
    for path, one in in_turn():
        if not one.public:
            wrong += [f"{one.method} {path}: {said}" async for said in denied(town, path, one)]

    assert wrong == []


async def test_who_the_table_names_is_served(town: Installation) -> None:
    wrong: list[str] = []
    for path, one in in_turn():
        wrong += [f"{one.method} {path}: {said}" async for said in served(town, path, one)]

    assert wrong == []


def in_turn() -> list[tuple[str, Try]]:
    """Give the tries so that none takes away what a later one needs."""
    return sorted(TRIES, key=lambda pair: pair[1].last)


async def denied(town: Installation, path: str, one: Try) -> AsyncIterator[str]:
    """Say who got what he must not get."""
    for token in (None, "a-token-of-nobody"):
        status, _, text = await ask(town, path, one, token)
        if status != 401:
            yield f"{token} got {status} {text}"
    for who in WHO:
        may = one.device if who == "device" else Role(who) in one.roles
        if not may:
            status, _, text = await ask(town, path, one, TOWN.token(who))
            if status not in (403, 404):
                yield f"{who} got {status} {text}"
        status, _, text = await ask(town, path, one, NEIGHBOUR.token(who))
        if one.neighbour is not None and any(TOWN.text(thing) in text for thing in THINGS):
            yield f"the neighbour's {who} was shown {text}"
        expected = {one.neighbour, 201 if one.neighbour == 200 else None} if may else {403, 404}
        if status not in expected and not (may and one.neighbour is None):
            yield f"the neighbour's {who} got {status} {text}"


async def served(town: Installation, path: str, one: Try) -> AsyncIterator[str]:
    """Say who was refused what he may, or met a mistake of ours."""
    own = [who for who in WHO if (one.device if who == "device" else Role(who) in one.roles)]
    for token in [None] if one.public else [TOWN.token(who) for who in own]:
        status, code, text = await ask(town, path, one, token)
        refused = status in (401, 403, 404) and code not in NOT_OF_ACCESS
        if refused and not (status == 404 and one.missing):
            yield f"{token} was refused: {status} {text}"
        if status >= 500 and code not in ("unavailable", "stream-offline"):
            yield f"{token} met {status} {text}"


def test_the_table_knows_every_route() -> None:
    """A route that is added without a line above is a route that nobody has thought about."""
    served = {(route.method, prefix + route.path) for prefix, route in mounted()}
    served |= {(route.method, route.path) for route in pages.ROUTES}

    assert {(one.method, shape(path)) for path, one in TRIES} == {
        (method, shape(path)) for method, path in served
    }
