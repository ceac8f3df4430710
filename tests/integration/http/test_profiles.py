"""What a commune is under, told and changed: who, why, and which acts end by it."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.authorisations import (
    MOST_GIVEN,
    MOST_NAMED,
    ActsWouldEnd,
    AuthorisationRefused,
    sum_of,
)
from domain.identifiers import AuthorisationId, CommuneId
from domain.profiles import Profile
from mobile_api.bodies import BODY_LIMIT
from server.database.authorisations import Authorisations
from server.database.bus import PgBus
from server.database.communes import Communes
from server.http.app import utc_now
from server.watch_list import WatchedSource
from tests.integration.http.conftest import Installation
from tests.integration.http.test_attacks import ADMIN, API, CAMERA, demonstration

ZONE = {
    "kind": "forbidden-zone",
    "name": "cour",
    "shape": "zone",
    "points": [[0, 0], [1, 0], [1, 1]],
}
HOUR = timedelta(hours=1)


class Stage:
    """A demonstration commune, and a camera of it that is watched under a fictional act."""

    def __init__(self, town: Installation, commune_id: CommuneId) -> None:
        self.town, self.commune_id = town, commune_id
        self.communes = Communes(town.database)

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return await self.town.ask(method, f"{API}{path}", token=ADMIN, json=body)

    async def under(self, profile: str, **said: Any) -> tuple[int, Any]:
        body = {"profile": profile, "reason": "le centre ouvre pour de bon", **said}
        return await self.ask("PUT", f"/communes/{self.commune_id}/profile", body)

    async def record(self) -> tuple[int, Any]:
        at = utc_now()
        return await self.ask(
            "POST",
            "/authorisations",
            self.act | {"starts_at": (at - HOUR).isoformat(), "ends_at": (at + HOUR).isoformat()},
        )

    async def plays(self) -> None:
        commune = {"commune_id": str(self.commune_id)}
        said = CAMERA | commune | {"demonstration": True, "main_url": "rtsp://127.0.0.1:8554/clip"}
        _, camera = await self.ask("POST", "/cameras", said)
        await self.ask("PUT", f"/cameras/{camera['id']}/rules", {"rules": [ZONE]})
        self.act = commune | {
            "profile": "demonstration",
            "act_reference": "FICTIF 1",
            "purpose": "essai",
            "kinds": ["forbidden-zone"],
            "camera_ids": [camera["id"]],
        }

    async def watched(self) -> int:
        database = self.town.database
        listed = await WatchedSource(database, PgBus(database)).read()
        return sum(bool(one.acts_at(utc_now())) for one in listed)


@pytest.fixture
async def stage(town: Installation) -> Stage:
    stage = Stage(town, await demonstration(town))
    await stage.plays()
    return stage


async def test_the_acts_that_it_refuses_are_named_and_end_with_the_change(stage: Stage) -> None:
    before = await stage.watched()
    _, act = await stage.record()
    assert await stage.watched() == before + 1

    status, problem = await stage.under("france")
    assert (status, problem["type"]) == (409, "/problems/acts-would-end")
    assert (problem["acts"], problem["detail"]) == ([act["id"]], "these would end now: FICTIF 1")
    assert (await stage.under("france", ending="0" * 64))[0] == 409
    assert await stage.watched() == before + 1

    status, commune = await stage.under("france", ending=problem["ending"])
    assert (status, commune["profile"]) == (200, "france")
    assert await stage.watched() == before
    assert (await stage.record())[1]["missing"] == ["profile-not-of-commune"]
    assert (await stage.under("france"))[0] == 200  # it is: nothing changes

    _, ran = await stage.ask("GET", f"/communes/{stage.commune_id}/profile")
    assert [one["profile"] for one in ran] == ["france", "demonstration"]
    assert [one["reason"] for one in ran] == ["le centre ouvre pour de bon", ""]
    noted = await stage.town.database.rows(
        "SELECT action, motive, data FROM register WHERE commune_id = $1 ORDER BY number",
        stage.commune_id,
    )
    by_action = {row["action"]: row for row in noted[-2:]}
    changed = by_action["configuration-changed"]
    assert json.loads(changed["data"]) == {"profile": ["demonstration", "france"]}
    assert changed["motive"] == "le centre ouvre pour de bon"
    assert json.loads(by_action["authorisation-revoked"]["data"])["profile"] == "france"


async def test_more_acts_than_a_request_could_name_end_with_the_change(stage: Stage) -> None:
    _, act = await stage.record()
    database = stage.town.database
    others = BODY_LIMIT // len(str(uuid4()))
    await database.rows(
        "INSERT INTO authorisation SELECT"
        " (jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid()))).*"
        " FROM authorisation AS one, generate_series(1, $2) WHERE one.id = $1 RETURNING id",
        UUID(act["id"]),
        others,
    )

    _, problem = await stage.under("france")
    assert (problem["count"], len(problem["acts"])) == (others + 1, MOST_GIVEN)
    assert problem["detail"].endswith(f", {others + 1 - MOST_NAMED} others")
    await stage.record()  # that one was not shown
    assert (await stage.under("france", ending=problem["ending"]))[0] == 409

    _, problem = await stage.under("france")
    assert (await stage.under("france", ending=problem["ending"]))[0] == 200
    revoked = await database.value(
        "SELECT count(*) FROM register WHERE commune_id = $1 AND action = 'authorisation-revoked'",
        stage.commune_id,
    )
    assert revoked == others + 2
    running = await Authorisations(database).running(at=utc_now())
    assert stage.commune_id not in {one.commune_id for one in running}


async def test_a_real_town_is_put_under_no_demonstration(stage: Stage) -> None:
    """Nor by who administers a demonstration beside it."""
    town = stage.town
    path = f"{API}/communes/{CAMERA['commune_id']}/profile"
    body = {"profile": "demonstration", "reason": "pour voir"}

    assert (await town.ask("PUT", path, token=ADMIN, json=body))[0] == 403
    assert (await town.ask("PUT", path, token=ADMIN, json=body | {"profile": "closed-site"}))[
        0
    ] == 422
    assert (await town.ask("PUT", path, token=ADMIN, json=body | {"reason": " "}))[0] == 422


async def test_an_act_that_is_recorded_meanwhile_ends_or_is_refused(stage: Stage) -> None:
    _, shown = await stage.record()
    acts = Authorisations(stage.town.database)
    act = await acts.get(AuthorisationId(UUID(shown["id"])))
    other = replace(act, id=AuthorisationId(uuid4()))

    changed, recorded = await asyncio.gather(
        stage.communes.change_profile(
            stage.commune_id,
            Profile.FRANCE,
            reason="essai",
            ending=sum_of([act]),
            actor="system",
            at=utc_now(),
        ),
        acts.add(other, actor="system", at=utc_now()),
        return_exceptions=True,
    )

    # Whichever came first; never both.
    assert isinstance(changed, ActsWouldEnd) != isinstance(recorded, AuthorisationRefused)


async def test_what_each_profile_asks_is_told(town: Installation) -> None:
    status, told = await town.ask("GET", f"{API}/profiles", token=ADMIN)
    by_name = {one["name"]: one for one in told}

    assert (status, set(by_name)) == (200, {"france", "closed-site", "demonstration"})
    assert by_name["france"]["acts"] == ["closed-site", "france"]
    assert by_name["france"]["chosen_for_commune"] == "manage-commune"
    assert by_name["closed-site"]["chosen_for_commune"] is None
    assert by_name["demonstration"]["chosen_for_commune"] is None  # it is begun as one
    assert by_name["closed-site"]["states"][-1] == "assessment"
    assert by_name["closed-site"]["place_kinds"] == ["closed-to-public"]
    assert len(by_name["france"]["kinds"]) == 8
