"""A camera moved from the control room: by one at a time, noted, and a camera that is not ours."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from domain.camera_clocks import CameraClock
from domain.onvif import ClockOffset
from domain.people import Role
from server.database.camera_clocks import CameraClocks
from server.database.leases import PgLeases
from server.database.presence import Processes
from server.database.tours import Mobiles, Whereabout
from server.media.onvif import Onvif
from server.onvif.apart import apart
from server.rounds import Rounds
from server.secrets import InstallationKey
from server.supervision import supervise
from tests.integration.http.conftest import Installation
from tests.integration.http.town import HOLDER, NEIGHBOUR, TOWN, stays
from tests.onvif_camera import PASSWORD, USER, VirtualCamera, virtual_camera
from tests.stalls import stand_still

CAMERA = f"/api/v1/cameras/{TOWN.text('camera')}"
RIGHT = {"pan": 1.0}
HELD = timedelta(seconds=60)


@pytest.fixture
async def camera(
    town: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[VirtualCamera]:
    """The town's camera, held by a media process that reaches it."""
    folder = tmp_path / "camera"
    folder.mkdir()
    monkeypatch.setattr("server.rounds.ASKED_EVERY", timedelta(hours=1))  # once, at the start
    monkeypatch.setattr("server.rounds.ASKED_ON_ITS_WAY", timedelta(hours=1))
    monkeypatch.setattr("domain.ptz.SEEN_FOR", timedelta(hours=1))
    monkeypatch.setattr("domain.ptz.IDLE_RELEASE", timedelta(hours=1))
    # A busy machine may take long to say a command: none of them is too late for that.
    monkeypatch.setattr("server.onvif.heads.DEADLINE", HELD)
    monkeypatch.setattr("server.onvif.heads.TAKEN_WITHIN_S", HELD.total_seconds())
    with virtual_camera(folder) as one:
        async with apart() as other:
            app = web.Application()
            networks = (ip_network("127.0.0.0/8"),)
            onvif = Onvif(apart=other, networks=networks, call_s=10.0)
            onvif.add_to(app)
            vault = InstallationKey.open(town.data_dir).vault
            rounds = Rounds(
                known=Mobiles(town.database, vault=vault),
                cameras=onvif,
                book=Whereabout(town.database),
                holder=HOLDER,
                clock=lambda: datetime.now(UTC),
            )
            async with (
                supervise({"onvif": onvif.run, "rounds": rounds.run}, on_failure=lambda: None),
                TestServer(app) as server,
            ):
                url = str(server.make_url("/")).rstrip("/")
                await Processes(town.database).here(HOLDER, "media", url, at=stays())
                leases = PgLeases(town.database, holder=HOLDER)
                await leases.acquire(f"camera:{TOWN.text('camera')}", ttl=timedelta(minutes=5))
                await is_known(town, one)
                yield one


async def is_known(town: Installation, camera: VirtualCamera) -> None:
    admin = TOWN.token("administrator")
    signs_in = {"main_url": "rtsp://127.0.0.1/main", "username": USER, "password": PASSWORD}
    status, _ = await town.ask("PATCH", CAMERA, token=admin, json=signs_in)
    said = {
        "address": camera.address,
        "profile": "Profile_Main",
        "model": "VirtualCam-1",
        "has_ptz": True,
    }
    kept, _ = await town.ask("PUT", f"{CAMERA}/onvif", token=admin, json=said)
    assert (status, kept) == (200, 204)


async def asks(town: Installation, who: str, what: str, body: object = None) -> tuple[int, Any]:
    return await town.ask("POST", f"{CAMERA}/ptz/{what}", token=TOWN.token(who), json=body or {})


async def taken(town: Installation) -> list[Any]:
    return list(
        await town.database.rows(
            "SELECT actor, data FROM register WHERE action = 'camera-taken' ORDER BY number"
        )
    )


async def mover(town: Installation) -> Any:
    _, shown = await town.ask("GET", CAMERA, token=TOWN.token("operator"))
    assert shown["moves"] is True
    return shown["mover"]


async def test_one_person_moves_it_and_a_higher_rank_takes_it_over(
    town: Installation, camera: VirtualCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = await asks(town, "operator", "movement", RIGHT)
    again = await asks(town, "operator", "movement", RIGHT)
    other, refused = await asks(town, "dispatcher", "movement", RIGHT)
    chief, _ = await asks(town, "supervisor", "movement", RIGHT)
    holder = await mover(town)
    over, _ = await asks(town, "supervisor", "lock", {"over": True})
    loser, _ = await asks(town, "operator", "movement", RIGHT)

    assert (moved[0], again[0]) == (204, 204)
    assert (other, refused["type"]) == (409, "/problems/ptz-held")
    assert chief == 409  # nobody takes over by mistake
    assert (over, loser) == (204, 409)
    assert holder["id"] == str(TOWN.person(Role.OPERATOR))
    assert (await mover(town))["rank"] == 2
    rows = await taken(town)
    assert ["from" in row["data"] for row in rows] == [False, True]
    assert camera.head.moves[0] == ("move", 1.0, 0.0, 0.0)
    stand_still(monkeypatch, HELD.total_seconds())
    assert await asyncio.to_thread(camera.head.wait_for, "stop")  # nobody has said stop


async def test_a_camera_with_masks_of_ours_does_not_become_one_that_moves(
    town: Installation,
) -> None:
    admin = TOWN.token("administrator")
    square = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]
    masks = {"masks": [square], "after": 0}
    said = {"address": "10.0.0.5", "profile": "p", "model": "m", "has_ptz": True}
    fixed = said | {"has_ptz": False}
    masked, _ = await town.ask("PUT", f"{CAMERA}/masks", token=admin, json=masks)
    moving, problem = await town.ask("PUT", f"{CAMERA}/onvif", token=admin, json=said)
    still, _ = await town.ask("PUT", f"{CAMERA}/onvif", token=admin, json=fixed)
    turned, refused = await asks(town, "operator", "movement", RIGHT)

    assert (masked, moving, still, turned) == (200, 422, 204, 503)
    assert problem["type"] == "/problems/invalid-mask"
    assert refused["type"] == "/problems/camera-does-not-move"
    assert await taken(town) == []


async def test_presets_are_listed_and_gone_to(town: Installation, camera: VirtualCamera) -> None:
    kept = await asks(town, "operator", "act", {"act": "keep", "name": "Mairie"})
    token = TOWN.token("operator")
    status, head = await town.ask("GET", f"{CAMERA}/ptz", token=token)
    preset = next(one for one in head["presets"] if one["name"] == "Mairie")
    gone = await asks(town, "operator", "act", {"act": "preset", "what": preset["token"]})
    no_tour = await asks(town, "operator", "act", {"act": "tour-start", "what": "1"})
    let_go, _ = await town.ask("DELETE", f"{CAMERA}/ptz/lock", token=token)

    assert (status, kept[0], gone[0], let_go) == (200, 204, 204, 204)
    assert head["tours"] == []
    assert ("preset", preset["token"]) in camera.head.moves
    assert (no_tour[0], no_tour[1]["type"]) == (503, "/problems/camera-does-not-move")
    assert await mover(town) is None


async def test_a_tour_of_ours_goes_round_yields_and_tells_where_the_camera_looks(
    town: Installation, camera: VirtualCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.tours.SHORTEST_DWELL", timedelta(0))
    before = await looks(town)
    for name in ("Mairie", "École"):
        await asks(town, "operator", "act", {"act": "keep", "name": name})
    token = TOWN.token("operator")
    _, head = await town.ask("GET", f"{CAMERA}/ptz", token=token)
    presets = [one for one in head["presets"] if one["name"] in ("Mairie", "École")]
    stops = [{"preset": one["token"], "name": one["name"], "dwell_s": 0.2} for one in presets]
    await asks(town, "operator", "act", {"act": "preset", "what": presets[0]["token"]})
    _, sent = await tour(town, "GET", None)
    await town.ask("DELETE", f"{CAMERA}/ptz/lock", token=token)
    one_stop, refused = await tour(town, "PUT", {"stops": stops[:1]})
    kept, _ = await tour(town, "PUT", {"stops": stops})
    started, begun = await tour(town, "POST", {"running": True})
    again, _ = await tour(town, "POST", {"running": True})
    for one in presets:
        assert await asyncio.to_thread(camera.head.wait_for, "preset", one["token"])
    _, listed = await town.ask("GET", CAMERA, token=token)
    moved, _ = await asks(town, "dispatcher", "movement", RIGHT)
    _, stopped = await tour(town, "POST", {"running": False})
    gone, none = await tour(town, "PUT", {"stops": []})
    missing, _ = await tour(town, "POST", {"running": True})
    rows = await town.database.rows(
        "SELECT action FROM register WHERE action LIKE 'tour-%' ORDER BY number"
    )

    assert (one_stop, refused["type"]) == (422, "/problems/bad-tour")
    assert (kept, started, again, moved, gone) == (200, 200, 200, 204, 200)
    assert before != "moving"
    assert sent["at"]["looking"] == "moving"  # as long as it was not seen at the preset
    assert begun["running_since"] is not None
    assert listed["touring_since"] is not None
    assert stopped["running_since"] is None
    assert (none["stops"], missing) == ([], 404)
    assert [row["action"] for row in rows] == ["tour-started", "tour-stopped"]


async def looks(town: Installation) -> str:
    """Where the camera looks, once it has been asked for the first time."""
    async with asyncio.timeout(60):
        while True:
            _, shown = await tour(town, "GET", None)
            if shown["at"] is not None:
                return str(shown["at"]["looking"])
            await asyncio.sleep(0.02)


async def tour(town: Installation, method: str, body: object) -> tuple[int, Any]:
    said = {"json": body} if body is not None else {}
    return await town.ask(method, f"{CAMERA}/ptz/tour", token=TOWN.token("operator"), **said)


async def test_a_camera_added_by_its_address_is_asked_with_the_password_that_is_kept(
    town: Installation, camera: VirtualCamera
) -> None:
    admin, where = TOWN.token("administrator"), f"{CAMERA}/onvif/description"
    elsewhere, refused = await town.ask("POST", where, token=admin, json={"address": "10.0.0.9"})
    status, said = await town.ask("POST", where, token=admin, json={"address": camera.address})
    wrong = {"username": USER, "password": "faux"}
    await town.ask("PATCH", CAMERA, token=admin, json=wrong)
    _, denied = await town.ask("POST", where, token=admin, json={"address": camera.address})

    assert (elsewhere, refused["type"]) == (422, "/problems/bad-camera")  # no host gets it anew
    assert (status, said["reason"]) == (200, None)
    assert said["camera"]["has_ptz"] is True
    assert denied["reason"] == "wrong-password"
    assert PASSWORD not in str(said)


async def test_a_camera_is_asked_by_onvif_where_its_picture_comes_from_alone(
    town: Installation, camera: VirtualCamera
) -> None:
    admin = TOWN.token("administrator")
    said = {"profile": "Profile_Main", "model": "VirtualCam-1", "has_ptz": True}
    statuses = []
    for address in ("10.0.0.9", "http://10.0.0.9/onvif", "http://127.0.0.1@10.0.0.9/", "[::1]:80"):
        status, problem = await town.ask(
            "PUT", f"{CAMERA}/onvif", token=admin, json=said | {"address": address}
        )
        statuses.append((status, problem["type"] if problem else None))

    assert statuses == [(422, "/problems/bad-camera")] * 4
    kept = await town.database.value("SELECT address FROM camera_onvif")
    assert kept == camera.address


async def test_a_clock_that_is_wrong_is_on_its_cameras_page_and_in_the_health_of_its_commune(
    town: Installation, camera: VirtualCamera
) -> None:
    now, second = datetime.now(UTC), timedelta(seconds=1)
    vault = InstallationKey.open(town.data_dir).vault
    clocks = CameraClocks(town.database, vault=vault)
    (timed,) = await clocks.of_holder(HOLDER)
    first = CameraClock.first(ClockOffset(4 * second, 4.1 * second), now - timedelta(hours=2))
    read = first.read(ClockOffset(4.5 * second, 4.6 * second), now)
    await clocks.put(timed.camera_id, first)
    await clocks.put(timed.camera_id, read)
    (kept,) = await clocks.of_holder(HOLDER)
    token, neighbour = TOWN.token("operator"), NEIGHBOUR.token("operator")
    _, shown = await town.ask("GET", CAMERA, token=token)
    _, health = await town.ask("GET", "/api/v1/health", token=token)
    _, others = await town.ask("GET", "/api/v1/health", token=neighbour)

    assert (timed.address, timed.password, timed.clock) == (camera.address, PASSWORD, None)
    assert kept.clock == read
    assert (shown["clock"]["offset_ms"], shown["clock"]["drift_s_a_day"]) == (4550.0, 6.0)
    assert [one["name"] for one in health["camera_clocks"]] == ["Place"]
    assert others["camera_clocks"] == []
