"""The inner HTTP API, as control calls it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from domain.identifiers import CameraId
from server.media import CameraSource, MediaService, build_app
from tests.component.webrtc.peers import (
    LIMIT_S,
    Listener,
    Peer,
    luma_of,
    make_clip,
    new_stream,
    publishing,
    running,
    until,
    watching,
)

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}

type Client = TestClient[Any, Any]


@asynccontextmanager
async def calling(service: MediaService) -> AsyncIterator[Client]:
    app = build_app(service, internal_token="of-this-test")
    headers = {"Authorization": "Bearer of-this-test"}
    async with TestClient(TestServer(app), headers=headers) as client:
        yield client


async def problem_of(response: ClientResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    problem = await response.json()
    assert problem["status"] == response.status
    assert problem["title"]
    return response.status, problem["type"]


async def test_a_session_is_made_trickled_and_ended_over_http() -> None:
    stream, session_id = new_stream(), uuid4()
    async with running() as service, calling(service) as client:
        peer = Peer()
        peer.pc.addTransceiver("video", direction="sendonly")
        response = await client.post(
            f"/streams/{stream}/whip?session={session_id}", data=await peer.offer(), headers=SDP
        )
        assert response.status == 201
        assert response.content_type == "application/sdp"
        assert response.headers["Location"] == f"/sessions/{session_id}"
        assert (await response.text()).startswith("v=0")
        await peer.accept(service.session(session_id))
        await until(lambda: service.session(session_id).connected)
        session = f"/sessions/{session_id}"
        etag = {"If-Match": response.headers["ETag"]}

        trickled = await client.patch(session, data=b"a=end-of-candidates\r\n",
                                      headers=FRAGMENT | etag)  # fmt: skip
        assert trickled.status == 204
        stale = await client.patch(session, data=b"a=ice-ufrag:abcd\r\n", headers=FRAGMENT)
        assert await problem_of(stale) == (412, "/problems/stale-session")
        assert (await client.delete(session)).status == 200
        await until(lambda: session_id not in service._sessions)
        assert await problem_of(await client.delete(session)) == (
            404,
            "/problems/session-not-found",
        )
        await peer.close()


async def test_how_a_viewer_is_served_is_told() -> None:
    stream = new_stream()
    async with (
        running() as service,
        calling(service) as client,
        publishing(service, stream) as publisher,
        watching(service, stream) as viewer,
    ):
        assert viewer.session is not None
        assert publisher.session is not None
        told: dict[str, Any] = {}
        async with asyncio.timeout(LIMIT_S):
            while not told.get("kbit_per_s"):  # until its first receiver report
                await viewer.frame()
                response = await client.get(f"/sessions/{viewer.session.id}/statistics")
                told = await response.json()

        assert told["codec"] == "h264"
        assert (told["layer"], told["layers"], told["reduced"]) == (0, 1, False)
        assert told["rtx"] is True
        assert told["loss"] == 0
        assert told["packets"] > 0
        nobody = await client.get(f"/sessions/{publisher.session.id}/statistics")
        assert await problem_of(nobody) == (404, "/problems/session-not-found")


async def test_a_still_and_the_state_of_streams_are_given() -> None:
    stream = new_stream()
    async with (
        running() as service,
        calling(service) as client,
        publishing(service, stream, codec="video/VP8"),
        watching(service, stream) as viewer,
    ):
        await viewer.frame()
        still = await client.get(f"/streams/{stream}/still")
        streams = await (await client.get("/streams")).json()
        metrics = await (await client.get("/metrics")).text()

        assert still.status == 200
        assert still.content_type == "image/jpeg"
        assert still.headers["X-Captured-At"].endswith("Z")
        assert (await still.read()).startswith(b"\xff\xd8")
        assert [(s["id"], s["state"], s["codec"], s["viewers"]) for s in streams] == [
            (str(stream), "live", "vp8", 1)
        ]
        assert 'ilotier_media_decodes_total{purpose="viewer"} 0.0' in metrics
        assert (await client.delete(f"/streams/{stream}")).status == 204
        assert (await (await client.get("/streams")).json()) == []


async def test_bad_requests_have_problems_that_name_what_is_wrong() -> None:
    stream, session = new_stream(), uuid4()
    async with running() as service, calling(service) as client:
        good = f"/streams/{stream}/whep?session={session}"
        cases = [
            (await client.post(good, data=b"", headers=SDP), 400, "bad-session-description"),
            (await client.post(good, data=b"x", headers=FRAGMENT), 415, "unsupported-media-type"),
            (await client.post(good, data=bytes(70_000), headers=SDP), 413,
             "too-large"),
            (await client.post(f"/streams/{stream}/whip", data=b"", headers=SDP), 422, "invalid"),
            (await client.post("/streams/x/whip?session=1", data=b"", headers=SDP), 404,
             "not-found"),
            (await client.get(f"/streams/{stream}/still"), 404, "stream-not-found"),
            (await client.delete(f"/streams/{stream}"), 404, "stream-not-found"),
            (await client.patch(f"/sessions/{session}", data=b"x", headers=FRAGMENT), 404,
             "session-not-found"),
            (await client.get("/nowhere"), 404, "not-found"),
            (await client.put("/streams"), 405, "method-not-allowed"),
            (await client.post("/cameras/check", data=b"{"), 422, "invalid"),
            (await client.post("/cameras/check", json={"url": "http://x/"}), 422, "invalid"),
        ]  # fmt: skip
        for response, status, code in cases:
            assert await problem_of(response) == (status, f"/problems/{code}")


async def test_without_the_internal_token_only_health_and_metrics_answer() -> None:
    async with running() as service, calling(service) as client:
        for authorization in ("", "Bearer wrong", "of-this-test", "Bearer \udcff"):
            response = await client.get("/streams", headers={"Authorization": authorization})
            assert (await problem_of(response))[0] == 401
            health = await client.get("/healthz", headers={"Authorization": authorization})
            assert await health.json() == {"ok": True}


async def test_a_camera_is_checked_over_http(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4")
    async with running() as service, calling(service) as client:
        found = await client.post("/cameras/check", json={"url": clip.as_uri()})
        missing = await client.post(
            "/cameras/check", data=json.dumps({"url": (tmp_path / "no.mp4").as_uri()})
        )

        shuffled = make_clip(tmp_path / "b.mp4", b_frames=2)
        asked = [{"url": shuffled.as_uri(), "transcode": made} for made in (False, True)]
        tried = [await client.post("/cameras/check", json=one) for one in asked]
        masks = [[[0, 0], [1, 0], [1, 1], [0, 1]]]
        masked = await client.post("/cameras/check", json={"url": clip.as_uri(), "masks": masks})

        answer = await found.json()
        assert (answer["ok"], answer["codec"], answer["reason"]) == (True, "h264", None)
        assert abs(_luma(answer["still"]) - 90) <= 8
        assert abs(_luma((await masked.json())["still"]) - 44) <= 3
        assert (await missing.json())["reason"] == "file-missing"
        assert [(await one.json())["reason"] for one in tried] == ["b-frames", None]


def _luma(still: str) -> int:
    """Of the first pixel of a JPEG in base64, in the range of video."""
    with av.open(BytesIO(base64.b64decode(still)), "r") as jpeg:
        frame = next(jpeg.decode(video=0))
    return round(luma_of(frame) * 219 / 255 + 16)


async def test_a_service_that_does_not_run_is_not_healthy() -> None:
    async with running() as service:
        pass
    async with calling(service) as client:
        health = await client.get("/healthz")

        assert health.status == 503


async def test_how_a_camera_does_is_told_over_http_and_in_the_metrics(tmp_path: Path) -> None:
    clip, listener = make_clip(tmp_path / "a.mp4"), Listener()
    source = CameraSource(new_stream(), CameraId(uuid4()), clip.as_uri())
    async with running(listener) as service, calling(service) as client:
        service.set_sources([source])
        await listener.wait_for("camera_up")
        vitals = await (await client.get(f"/streams/{source.stream_id}/camera")).json()
        metrics = await (await client.get("/metrics")).text()
        nobody = await problem_of(await client.get(f"/streams/{new_stream()}/camera"))

    assert (vitals["camera_id"], vitals["up"]) == (str(source.camera_id), True)
    assert vitals["drift_ppm"] is None  # a film has no clock
    labels = f'camera="{source.camera_id}",stream="{source.stream_id}"'
    assert f"ilotier_camera_up{{{labels}}} 1.0" in metrics
    assert nobody == (404, "/problems/stream-not-found")
