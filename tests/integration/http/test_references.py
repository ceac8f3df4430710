"""References over HTTP: asked for by a person under an act, taken by detect, seen with a row."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server.database.bus import PgBus
from server.intake import EventRecorder
from server.watch_list import WatchedSource
from tests.integration.http.conftest import Installation
from tests.integration.http.town import NOW, TOWN

CAMERA = f"/api/v1/cameras/{TOWN.text('camera')}"
BIN, FORBIDDEN = UUID(int=71), UUID(int=72)
RIM = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]]
PICTURE = b"\x89PNG of an empty bin"


async def ask(town: Installation, method: str, path: str, **said: Any) -> tuple[int, Any]:
    return await town.ask(method, CAMERA + path, token=TOWN.token("administrator"), **said)


async def draw(town: Installation, rim: list[list[float]] = RIM) -> None:
    rules = [
        {"id": str(BIN), "kind": "overfull-bin", "name": "gare", "shape": "zone", "points": rim},
        {"id": str(FORBIDDEN), "kind": "forbidden-zone", "name": "quai", "shape": "zone",
         "points": RIM},
    ]  # fmt: skip
    assert (await ask(town, "PUT", "/rules", json={"rules": rules}))[0] == 200


async def rests(town: Installation) -> str | None:
    """Say why the bin's rule rests, or None."""
    _, answered = await ask(town, "GET", "/rules")
    assert str(FORBIDDEN) not in answered["unavailable"]
    why: str | None = answered["unavailable"].get(str(BIN))
    return why


@pytest.fixture
async def act(town: Installation) -> None:
    """Takes the town's camera to be of a closed site, and allows bins to be looked at there."""
    await town.database.value("UPDATE camera SET place_kind = 'closed-to-public' RETURNING id")
    body = {
        "commune_id": str(TOWN.commune),
        "profile": "closed-site",
        "law": "règlement 2016/679, art. 6",
        "act_reference": "décision 7",
        "act_date": (NOW - timedelta(days=2)).date().isoformat(),
        "authority": "le maire",
        "place": "le dépôt",
        "assessment": "AIPD 2026-4",
        "purpose": "corbeilles",
        "kinds": ["overfull-bin"],
        "camera_ids": [TOWN.text("camera")],
        "starts_at": (NOW - timedelta(hours=1)).isoformat(),
        "ends_at": (NOW + timedelta(hours=1)).isoformat(),
    }
    token = TOWN.token("administrator")
    assert (await town.ask("POST", "/api/v1/authorisations", token=token, json=body))[0] == 201


async def test_a_reference_needs_an_act_and_a_kind_that_compares(town: Installation) -> None:
    await draw(town)

    _, no_act = await ask(town, "PUT", f"/rules/{BIN}/references/day")
    _, no_kind = await ask(town, "PUT", f"/rules/{FORBIDDEN}/references/day")

    assert no_act["type"] == "/problems/not-authorised"
    assert no_kind["type"] == "/problems/invalid-rule"
    assert (await ask(town, "PUT", f"/rules/{BIN}/references/dusk"))[0] == 404
    assert (await ask(town, "GET", f"/rules/{UUID(int=9)}/references"))[0] == 404


@pytest.mark.usefixtures("act")
async def test_a_reference_is_asked_for_taken_seen_and_gone_with_its_zone_or_a_new_mask(
    town: Installation,
) -> None:
    await draw(town)
    assert "No picture of its zone" in (await rests(town) or "")
    status, asked = await ask(town, "PUT", f"/rules/{BIN}/references/day")
    assert (status, asked["references"][0]["is_wanted"]) == (200, True)
    assert (await ask(town, "GET", f"/rules/{BIN}/references/day/picture"))[0] == 404

    source = WatchedSource(town.database, PgBus(town.database))
    (wanted,) = (await source.read())[0].references
    assert wanted.is_wanted(wanted.asked_at + timedelta(seconds=1))
    taken = replace(wanted, picture=PICTURE, taken_at=wanted.asked_at + timedelta(seconds=5))
    await EventRecorder(town.database).referenced(taken)

    assert (await source.read())[0].references == (taken,)
    assert await rests(town) is None
    _, kept = await ask(town, "GET", f"/rules/{BIN}/references")
    assert kept["references"][0]["is_wanted"] is False
    assert await ask(town, "GET", f"/rules/{BIN}/references/day/picture") == (200, PICTURE)
    (row,) = await town.database.rows("SELECT * FROM register ORDER BY number DESC LIMIT 1")
    assert (row["action"], row["motive"]) == ("still-viewed", "reference")

    await draw(town)
    assert (await source.read())[0].references == (taken,)
    await draw(town, [*RIM[:3], [0.4, 0.55]])
    assert (await ask(town, "GET", f"/rules/{BIN}/references"))[1]["references"] == []

    await draw(town)
    assert (await ask(town, "GET", f"/rules/{BIN}/references"))[1]["references"] == []
    assert await town.database.rows("SELECT FROM rule_reference") == []
    await ask(town, "PUT", f"/rules/{BIN}/references/day")
    mask = {"masks": [[[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]], "after": 0}
    assert (await ask(town, "PUT", "/masks", json=mask))[0] == 200
    assert (await ask(town, "GET", f"/rules/{BIN}/references"))[1]["references"] == []


@pytest.mark.usefixtures("act")
async def test_a_reference_that_is_dropped_or_asked_for_anew_is_not_stored_by_who_is_late(
    town: Installation,
) -> None:
    await draw(town)
    await ask(town, "PUT", f"/rules/{BIN}/references/night")
    source = WatchedSource(town.database, PgBus(town.database))
    (first,) = (await source.read())[0].references
    assert (await ask(town, "DELETE", f"/rules/{BIN}/references/night"))[1]["references"] == []

    await EventRecorder(town.database).referenced(
        replace(first, picture=PICTURE, taken_at=first.asked_at)
    )

    assert (await source.read())[0].references == ()
    assert (await ask(town, "DELETE", f"/rules/{BIN}/references/night"))[0] == 404
