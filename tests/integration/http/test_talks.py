"""Speaking through a camera: one at a time, in the register first, at a camera over RTSP."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from aiortc import RTCSessionDescription

from domain.identifiers import CameraId, StreamId
from domain.people import Role
from server.database.announcements import Announcements
from server.database.cameras import Cameras
from server.database.leases import PgLeases
from server.database.patrol_streams import PatrolStreams
from server.database.presence import Processes
from server.database.talks import Talks
from server.database.viewings import Viewings
from server.duty import Reports
from server.media import CameraSource, MediaService, build_app
from server.media.talks import TalkRoutes
from server.secrets import InstallationKey
from server.supervision import supervise
from tests.component.webrtc.peers import Peer, make_clip, until
from tests.component.webrtc.tones import Tone, pitch
from tests.integration.http.conftest import Installation
from tests.integration.http.town import HOLDER, NEIGHBOUR, TOWN, stays
from tests.servers.rtsp_camera import RtspCamera, camera_served

CAMERA = f"/api/v1/cameras/{TOWN.text('camera')}"
ANNOUNCEMENTS = "/api/v1/announcements"
SOUND = {"Content-Type": "application/octet-stream"}
SDP = {"Content-Type": "application/sdp"}
WHY = {"motive": "dépôt sauvage"}


@pytest.fixture
async def camera(town: Installation, tmp_path: Path) -> AsyncIterator[RtspCamera]:
    """The town's camera, with a loudspeaker, and the media process that pulls it."""
    database, vault = town.database, InstallationKey.open(tmp_path / "key").vault
    reports = Reports(
        cameras=Cameras(database, vault=vault),
        streams=PatrolStreams(database),
        viewings=Viewings(database),
        talks=Talks(database),
        actor=f"process:{HOLDER}",
    )
    service = MediaService(listener=reports)
    app = build_app(service, internal_token="internal")
    TalkRoutes(service.talks, audio_of=Announcements(database).audio).add_to(app)
    services = {"reports": reports.run, "media": service.run}
    async with (
        camera_served(make_clip(tmp_path / "a.mp4", luma=90), loudspeaker="PCMU/8000") as one,
        supervise(services, on_failure=lambda: None),
        TestServer(app) as server,
    ):
        await until(lambda: service.is_running)
        stream = StreamId(TOWN.id("camera-stream"))
        service.set_sources([CameraSource(stream, CameraId(TOWN.id("camera")), one.url)])
        await Processes(database).here(HOLDER, "media", str(server.make_url("")), at=stays())
        leases = PgLeases(database, holder=HOLDER)
        await leases.acquire(f"camera:{TOWN.text('camera')}", ttl=timedelta(minutes=5))
        yield one


def spoken(seconds: float) -> bytes:
    """A file of silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(round(16_000 * seconds)))
    return out.getvalue()


async def add(town: Installation, who: str, sound: bytes, **said: str) -> tuple[int, Any]:
    query = {"commune": TOWN.text("commune"), "name": "Parc", "text": "Le parc ferme."} | said
    return await town.ask(
        "POST", ANNOUNCEMENTS, token=TOWN.token(who), params=query, headers=SOUND, data=sound
    )


async def announce(town: Installation, who: str, announcement: str) -> tuple[int, Any]:
    body = WHY | {"announcement_id": announcement}
    return await town.ask("POST", f"{CAMERA}/announcement", token=TOWN.token(who), json=body)


async def talker(town: Installation) -> Any:
    _, shown = await town.ask("GET", CAMERA, token=TOWN.token("dispatcher"))
    return shown["talker"]


async def entries(town: Installation) -> list[Any]:
    """What the register has of talks, but for those of the seed."""
    rows = await town.database.rows(
        "SELECT action, motive, data::jsonb AS data FROM register"
        " WHERE action LIKE 'talk-%' ORDER BY number"
    )
    seeded = {TOWN.text("talk"), NEIGHBOUR.text("talk")}
    return [row for row in rows if row["data"]["talk"] not in seeded]


async def ended(town: Installation) -> None:
    async with asyncio.timeout(60):
        while await talker(town) is not None:  # noqa: ASYNC110 nothing tells a test by itself
            await asyncio.sleep(0.02)


async def test_a_voice_is_heard_at_the_camera_by_one_at_a_time_and_is_in_the_register_first(
    town: Installation, camera: RtspCamera
) -> None:
    peer = Peer()
    peer.pc.addTransceiver(Tone(), direction="sendonly")
    operator = TOWN.token("operator")
    offer, signed = await peer.offer(), SDP | {"Authorization": f"Bearer {operator}"}
    async with town.client.post(f"{CAMERA}/talk", params=WHY, headers=signed, data=offer) as answer:
        status, location, sdp = answer.status, answer.headers["Location"], await answer.text()
    before = await entries(town)
    heard_then = len(camera.heard)
    await peer.pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
    await until(lambda: len(camera.heard) >= 30)
    holder = await talker(town)
    chief = TOWN.token("supervisor")
    second, refused = await town.ask(
        "POST", f"{CAMERA}/talk", token=chief, params=WHY, headers=SDP, data=offer
    )
    other, _ = await town.ask("DELETE", location, token=chief)
    over, _ = await town.ask("DELETE", location, token=operator)
    await ended(town)
    await peer.close()
    rows = await entries(town)

    assert (status, heard_then, second, other, over) == (201, 0, 409, 404, 200)
    assert refused["type"] == "/problems/loudspeaker-taken"
    assert (holder["id"], holder["announces"]) == (str(TOWN.person(Role.OPERATOR)), False)
    assert abs(pitch(camera) - 700) < 25
    assert [(row["action"], row["motive"]) for row in before] == [("talk-started", "dépôt sauvage")]
    assert [row["action"] for row in rows] == ["talk-started", "talk-ended"]
    assert rows[0]["data"]["spoken"] == "voice"
    assert rows[1]["data"]["sounded_s"] >= 0.6


async def test_an_announcement_is_kept_by_a_supervisor_and_sounds_with_its_words_in_the_register(
    town: Installation, camera: RtspCamera
) -> None:
    denied, _ = await add(town, "operator", spoken(0.4))
    long, refused = await add(town, "supervisor", spoken(61))
    status, kept = await add(town, "supervisor", spoken(0.4))
    _, heard = await town.ask(
        "GET", f"{ANNOUNCEMENTS}/{kept['id']}/audio", token=TOWN.token("operator")
    )
    began, said = await announce(town, "operator", kept["id"])
    await ended(town)
    withdrawn, _ = await town.ask(
        "DELETE", f"{ANNOUNCEMENTS}/{kept['id']}", token=TOWN.token("supervisor")
    )
    gone, _ = await announce(town, "operator", kept["id"])
    _, listed = await town.ask("GET", ANNOUNCEMENTS, token=TOWN.token("operator"))
    rows = await entries(town)

    assert (denied, long, status, began, withdrawn, gone) == (403, 422, 201, 201, 204, 404)
    assert refused["type"] == "/problems/bad-announcement"
    assert heard[:4] == b"RIFF"
    assert said["seconds"] == pytest.approx(0.4)
    assert len(camera.heard) == 20
    assert [one["name"] for one in listed] == ["Dépôt sauvage"]
    assert [row["action"] for row in rows] == ["talk-started", "talk-ended"]
    assert rows[0]["data"]["text"] == "Le parc ferme."
    assert rows[1]["data"]["sounded_s"] == 0.4


async def test_what_did_not_begin_is_over_at_once_and_the_loudspeaker_free(
    town: Installation, camera: RtspCamera
) -> None:
    _, kept = await add(town, "supervisor", spoken(0.2))
    camera.loudspeaker = ""
    status, refused = await announce(town, "operator", kept["id"])
    foreign, _ = await announce(town, "operator", NEIGHBOUR.text("announcement"))
    rows = await entries(town)

    assert (status, refused["type"]) == (409, "/problems/no-loudspeaker")
    assert foreign == 404
    assert await talker(town) is None
    assert [row["action"] for row in rows] == ["talk-started", "talk-ended"]
    assert rows[1]["data"]["sounded_s"] == 0


async def test_who_loses_the_right_is_silenced(town: Installation, camera: RtspCamera) -> None:
    _, kept = await add(town, "supervisor", spoken(50))
    await announce(town, "operator", kept["id"])
    await until(lambda: camera.heard)
    await town.ask("POST", "/api/v1/sign-out", token=TOWN.token("operator"))
    await ended(town)
    rows = await entries(town)

    assert rows[-1]["action"] == "talk-ended"
    assert rows[-1]["data"]["sounded_s"] < 49
