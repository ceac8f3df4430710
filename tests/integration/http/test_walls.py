"""Walls: one that a room shares is told to all at once; layouts follow their author alone."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.identifiers import CameraId, StreamId, ViewingId
from domain.people import Role
from server.database.presence import Processes
from server.database.viewings import Viewings
from server.http.app import utc_now
from tests.integration.http.conftest import Installation
from tests.integration.http.test_live import follow
from tests.integration.http.town import HOLDER, NEIGHBOUR, SHOWS, TOWN, stays
from tests.servers.media import noting

OPERATOR, DISPATCHER = TOWN.token("operator"), TOWN.token("dispatcher")
WALL = f"/api/v1/walls/{TOWN.text('wall')}"


def showing(*cameras: str, **rest: Any) -> dict[str, Any]:
    """A wall of four that begins with these cameras."""
    hung = [{"kind": "camera", "id": camera} for camera in cameras]
    return SHOWS | {"slots": hung + [None] * (16 - len(hung))} | rest


async def test_every_screen_hears_who_drives_the_wall_and_what_it_shows(town: Installation) -> None:
    screen = await follow(town, "supervisor")
    snapshot = await screen.next("snapshot")
    assert [wall["name"] for wall in snapshot["walls"]] == ["Salle"]
    rotation = {"camera_ids": [TOWN.text("camera")], "dwell_s": 10, "started_at": 1_700_000_000_000}
    shows = showing(TOWN.text("camera"), isolated=0, pinned=[0], rotation=rotation)

    status, answer = await town.ask("PUT", WALL, token=DISPATCHER, json={"shows": shows})

    assert status == 200
    heard = (await screen.next("fact", kind="wall-changed"))["wall"]
    assert heard == answer
    assert heard["shows"] == shows
    assert heard["driven_by"] == {
        "id": str(TOWN.person(Role.DISPATCHER)),
        "name": "dispatcher ville",
    }


async def test_a_wall_of_another_commune_is_not_heard_of(town: Installation) -> None:
    neighbour = await follow(town, "operator", place=NEIGHBOUR)
    snapshot = await neighbour.next("snapshot")
    assert [wall["id"] for wall in snapshot["walls"]] == [NEIGHBOUR.text("wall")]

    await town.ask("PUT", WALL, token=OPERATOR, json={"shows": SHOWS})
    await town.ask(
        "PUT",
        f"/api/v1/walls/{NEIGHBOUR.text('wall')}",
        token=NEIGHBOUR.token("operator"),
        json={"shows": SHOWS},
    )

    heard = await neighbour.next("fact", kind="wall-changed")
    assert heard["wall"]["id"] == NEIGHBOUR.text("wall")


async def test_a_wall_that_was_removed_is_told_and_can_no_longer_be_driven(
    town: Installation,
) -> None:
    screen = await follow(town, "supervisor")
    await screen.next("snapshot")

    status, _ = await town.ask("DELETE", WALL, token=OPERATOR)

    assert status == 204
    heard = await screen.next("fact", kind="wall-changed")
    assert heard["wall"] == {"id": TOWN.text("wall"), "removed": True}
    status, _ = await town.ask("PUT", WALL, token=OPERATOR, json={"shows": SHOWS})
    assert status == 404
    # Its name is free again.
    body = {"commune_id": str(TOWN.commune), "name": "Salle", "shows": SHOWS}
    status, _ = await town.ask("POST", "/api/v1/walls", token=OPERATOR, json=body)
    assert status == 201


async def test_two_walls_of_a_room_have_two_names(town: Installation) -> None:
    body = {"commune_id": str(TOWN.commune), "name": "Salle", "shows": SHOWS}

    status, problem = await town.ask("POST", "/api/v1/walls", token=OPERATOR, json=body)

    assert (status, problem["detail"]) == (409, "another wall has this name")


@pytest.mark.parametrize(
    "wrong",
    [
        {"layout": 5},
        {"slots": []},
        {"isolated": 4},
        {"pinned": [16]},
        {"rotation": {"camera_ids": [], "dwell_s": 0}},
        {"more": 1},
    ],
)
async def test_what_no_wall_can_show_is_refused(
    town: Installation, wrong: dict[str, object]
) -> None:
    status, problem = await town.ask("PUT", WALL, token=OPERATOR, json={"shows": SHOWS | wrong})

    assert status == 422, problem


async def test_a_layout_is_kept_for_its_author_at_any_desk_and_for_nobody_else(
    town: Installation,
) -> None:
    mine, layout_id = {"name": "Marché", "shows": showing(TOWN.text("camera"))}, str(uuid4())
    address, new = f"/api/v1/layouts/{layout_id}", mine | {"id": layout_id}

    assert (await town.ask("POST", "/api/v1/layouts", token=DISPATCHER, json=new))[0] == 204

    _, kept = await town.ask("GET", "/api/v1/layouts", token=DISPATCHER)
    assert [(one["name"], one["shows"]) for one in kept] == [("Marché", mine["shows"])]
    _, others = await town.ask("GET", "/api/v1/layouts", token=OPERATOR)
    assert [one["name"] for one in others] == ["Nuit"]
    for method, said in (("PUT", {"json": mine}), ("DELETE", {})):
        assert (await town.ask(method, address, token=OPERATOR, **said))[0] == 404


async def test_a_layout_is_replaced_under_its_id_and_its_name_is_its_own(
    town: Installation,
) -> None:
    address = f"/api/v1/layouts/{TOWN.text('layout')}"
    renamed = {"name": "Nuit calme", "shows": SHOWS | {"layout": 9}}

    assert (await town.ask("PUT", address, token=OPERATOR, json=renamed))[0] == 204
    again = await town.ask("POST", "/api/v1/layouts", token=OPERATOR, json=renamed)

    assert (again[0], again[1]["detail"]) == (409, "another layout of yours has this name")
    _, kept = await town.ask("GET", "/api/v1/layouts", token=OPERATOR)
    assert [(one["name"], one["shows"]["layout"]) for one in kept] == [("Nuit calme", 9)]


async def _watch(town: Installation, role: Role) -> str:
    viewing = ViewingId(uuid4())
    await Viewings(town.database).start(
        viewing_id=viewing,
        stream_id=StreamId(TOWN.id("camera-stream")),
        commune_id=TOWN.commune,
        camera_id=CameraId(TOWN.id("camera")),
        person_id=TOWN.person(role),
        session_id=TOWN.id(f"session-{role.value}"),
        device_id=None,
        holder=HOLDER,
        motive="test",
        at=utc_now(),
        actor="system",
    )
    return f"/api/v1/viewings/{viewing}/statistics"


async def test_walls_that_are_added_at_once_are_no_more_than_a_room_hangs(
    town: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.database.walls.MOST_WALLS", 4)
    new = [
        {"commune_id": str(TOWN.commune), "name": f"Mur {number}", "shows": SHOWS}
        for number in range(12)
    ]
    at_once = [town.ask("POST", "/api/v1/walls", token=OPERATOR, json=one) for one in new]
    statuses = [status for status, _ in await asyncio.gather(*at_once)]

    assert statuses.count(201) == 3  # one hung before
    assert statuses.count(409) == 9
    _, walls = await town.ask("GET", "/api/v1/walls", token=OPERATOR)
    assert len(walls) == 4


async def test_who_watches_a_camera_twice_is_one_who_watches(town: Installation) -> None:
    """In a tile and large beside it: nobody else watches, and nobody is told so."""
    for role in (Role.OPERATOR, Role.OPERATOR, Role.DISPATCHER):
        await _watch(town, role)

    _, cameras = await town.ask("GET", "/api/v1/cameras", token=OPERATOR)
    [watched] = [one for one in cameras if one["id"] == TOWN.text("camera")]
    assert watched["watching"] == 2


async def test_statistics_tell_what_the_relay_measures_and_who_watches(town: Installation) -> None:
    mine = await _watch(town, Role.OPERATOR)
    await _watch(town, Role.DISPATCHER)
    await _watch(town, Role.DISPATCHER)  # on a second screen: still one person
    async with noting() as media:
        media.statistics = {"kbit_per_s": 1500}
        await Processes(town.database).here(HOLDER, "media", media.url, at=stays())

        status, answer = await town.ask("GET", mine, token=OPERATOR)

    assert status == 200
    assert answer["relay"] == {"kbit_per_s": 1500}
    names = [one["name"] for one in answer["watchers"]]
    assert names[0:1] == ["operator ville"]
    assert sorted(names) == ["dispatcher ville", "operator ville"]
    assert answer["watching"] == len(names)


async def test_who_watches_no_more_is_not_told_who_does(town: Installation) -> None:
    mine = await _watch(town, Role.OPERATOR)
    await _watch(town, Role.DISPATCHER)
    viewing = ViewingId(UUID(mine.split("/")[-2]))
    await Viewings(town.database).end(viewing, at=utc_now(), actor="system")

    status, answer = await town.ask("GET", mine, token=OPERATOR)

    assert (status, answer["watching"], answer["watchers"]) == (200, 0, [])


async def test_statistics_tell_who_watches_even_when_the_relay_is_silent(
    town: Installation,
) -> None:
    status, answer = await town.ask("GET", await _watch(town, Role.OPERATOR), token=OPERATOR)

    assert (status, answer["relay"]) == (200, None)
    assert [one["name"] for one in answer["watchers"]] == ["operator ville"]
