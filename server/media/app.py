"""The inner HTTP API of a media process: control alone calls it, with the internal token.

Errors are RFC 9457 problem details, so that control can hand them on as they are. Session ids are
given by control, which so can end a session before it has heard of its answer.
"""

import base64
import json
import logging
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import hdrs, web
from prometheus_client import generate_latest

from domain.errors import Invalid, NotFound
from domain.identifiers import CameraId, StreamId
from domain.masks import Mask
from domain.streams import (
    SessionNotFound,
    StreamNotFound,
)
from server.inner import TOKEN, problems, signed_in
from server.media.expected import Expected
from server.media.service import MediaService
from webrtc.cameras import BadSource, CameraSource
from webrtc.offers import MAX_OFFER_BYTES
from webrtc.relay import StreamStatus
from webrtc.signalling import PeerSession
from webrtc.viewer import ViewerSession

logger = logging.getLogger(__name__)

SERVICE = web.AppKey("SERVICE", MediaService)
SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"

routes = web.RouteTableDef()


def build_app(service: MediaService, *, internal_token: str | None) -> web.Application:
    """The app; ``service.run()`` is the caller's to keep running beside it.

    ``internal_token`` None: it is served on lines alone that only those inside can open.
    """
    app = web.Application(middlewares=[problems, signed_in], client_max_size=MAX_OFFER_BYTES + 1)
    app[SERVICE] = service
    app[TOKEN] = internal_token
    app.add_routes(routes)
    return app


def _uuid(text: str, what: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"{what} is no UUID") from None


def _stream_id(request: web.Request) -> StreamId:
    return StreamId(_uuid(request.match_info["stream_id"], "the stream"))


def _new_session_id(request: web.Request) -> UUID:
    return new_uuid(request.query.get("session", ""))


def new_uuid(text: str) -> UUID:
    """Raises ``Invalid``."""
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("the session's id is no UUID") from None


async def body_of(request: web.Request, content_type: str) -> bytes:
    if request.content_type != content_type:
        raise web.HTTPUnsupportedMediaType(reason=f"the body is to be {content_type}")
    return await request.read()


def _created(session: PeerSession) -> web.Response:
    return web.Response(
        status=201,
        text=session.answer.result(),
        content_type=SDP,
        headers={
            hdrs.LOCATION: f"/sessions/{session.id}",
            hdrs.ETAG: session.etag,
            "Accept-Patch": FRAGMENT,
        },
    )


@routes.post("/streams/{stream_id}/whip")
async def whip(request: web.Request) -> web.Response:
    body = await body_of(request, SDP)
    service = request.app[SERVICE]
    return _created(await service.publish(_stream_id(request), _new_session_id(request), body))


@routes.post("/streams/{stream_id}/whep")
async def whep(request: web.Request) -> web.Response:
    body = await body_of(request, SDP)
    service = request.app[SERVICE]
    return _created(await service.watch(_stream_id(request), _new_session_id(request), body))


def _session(request: web.Request) -> PeerSession:
    return request.app[SERVICE].session(_uuid(request.match_info["session_id"], "the session"))


@routes.patch("/sessions/{session_id}")
async def trickle(request: web.Request) -> web.Response:
    """RFC 9725 section 4.3: candidates only; an ICE restart is answered 412, for a new session."""
    body = await body_of(request, FRAGMENT)
    await _session(request).add_candidates(body, etag=request.headers.get(hdrs.IF_MATCH))
    return web.Response(status=204)


@routes.delete("/sessions/{session_id}")
async def end_session(request: web.Request) -> web.Response:
    session_id = _uuid(request.match_info["session_id"], "the session")
    request.app[SERVICE].end_session(session_id)
    return web.Response(status=200)


@routes.get("/sessions/{session_id}/statistics", allow_head=False)
async def statistics(request: web.Request) -> web.Response:
    """How a viewer is served, for the page that shows it; 404 for a session that publishes."""
    session = _session(request)
    if not isinstance(session, ViewerSession):
        raise SessionNotFound(f"session {session.id} watches nothing")
    return web.json_response(asdict(session.statistics()))


@routes.put("/sessions/{session_id}")
async def expect(request: web.Request) -> web.Response:
    """A client is on its way here: ``{kind, stream, seconds, origin?, headers?, who?}``."""
    session_id = _uuid(request.match_info["session_id"], "the session")
    expected, seconds = _expected(session_id, await request.read())
    request.app[SERVICE].expect(expected, seconds=seconds)
    return web.Response(status=204)


def _expected(session_id: UUID, body: bytes) -> tuple[Expected, float]:
    try:
        given = json.loads(body)
        headers = tuple((str(name), str(value)) for name, value in given.get("headers", ()))
        expected = Expected(
            kind={"whip": "whip", "whep": "whep"}[given["kind"]],  # type: ignore[arg-type]  # of two
            stream_id=StreamId(UUID(given["stream"])),
            session_id=session_id,
            origin=str(given.get("origin", "")),
            who=str(given.get("who", "")),
            headers=headers,
        )
        return expected, float(given["seconds"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Invalid("the body is {kind, stream, seconds, origin?, headers?, who?}") from None


@routes.get("/streams", allow_head=False)
async def streams(request: web.Request) -> web.Response:
    return web.json_response([_as_json(status) for status in request.app[SERVICE].status()])


def _as_json(status: StreamStatus) -> dict[str, Any]:
    return {
        "id": str(status.stream_id),
        "state": status.state,
        "since": _rfc3339(status.since),
        "codec": status.codec,
        "kbit_per_s": status.kbit_per_s,
        "viewers": status.viewers,
    }


@routes.post("/streams/{stream_id}/handed-on")
async def hand_on(request: web.Request) -> web.Response:
    """Send a stream of ours to another process, whose inner address is ``{to}``."""
    to = await _address(request, "to")
    await request.app[SERVICE].cascade.hand_on(_stream_id(request), to)
    return web.Response(status=204)


async def _address(request: web.Request, name: str) -> str:
    try:
        given = json.loads(await request.read())
    except ValueError:
        given = None
    found = given.get(name) if isinstance(given, dict) else None
    if not isinstance(found, str) or not found.startswith(("http://", "https://")):
        raise Invalid(f"the body is {{{name}}}, the inner address of a media process")
    return found


@routes.post("/streams/{stream_id}/received")
async def receive(request: web.Request) -> web.Response:
    """WHIP from another process that has the stream; ``keyframes=1``: it can make some."""
    body = await body_of(request, SDP)
    session = await request.app[SERVICE].cascade.receive(
        _stream_id(request),
        _new_session_id(request),
        body,
        makes_keyframes=request.query.get("keyframes") == "1",
    )
    return _created(session)


@routes.delete("/streams/{stream_id}/received")
async def end_received(request: web.Request) -> web.Response:
    request.app[SERVICE].cascade.over(_stream_id(request))
    return web.Response(status=204)


@routes.post("/streams/{stream_id}/fetched")
async def fetch(request: web.Request) -> web.Response:
    """Fetch a phone's stream from the edge whose inner address is ``{from}``, from now on."""
    request.app[SERVICE].fetches.fetch(_stream_id(request), await _address(request, "from"))
    return web.Response(status=204)


@routes.post("/streams/{stream_id}/given")
async def give(request: web.Request) -> web.Response:
    """At an edge: an inner host fetches a phone's stream (WHEP), once there is a picture."""
    body = await body_of(request, SDP)
    giving = request.app[SERVICE].giving
    return _created(await giving.give(_stream_id(request), _new_session_id(request), body))


@routes.delete("/streams/{stream_id}")
async def end_stream(request: web.Request) -> web.Response:
    request.app[SERVICE].end_stream(_stream_id(request))
    return web.Response(status=204)


@routes.get("/streams/{stream_id}/still", allow_head=False)
async def still(request: web.Request) -> web.Response:
    picture = await request.app[SERVICE].still(_stream_id(request))
    return web.Response(
        body=picture.jpeg,
        content_type="image/jpeg",
        headers={"X-Captured-At": _rfc3339(picture.captured_at), hdrs.CACHE_CONTROL: "no-store"},
    )


@routes.post("/cameras/check")
async def check_camera(request: web.Request) -> web.Response:
    """Open a camera once: ``{url, username?, password?, masks?, transcode?}``.

    Gives ``{ok, reason, codec, still}``, the masks burnt in.
    """
    source = _source(await request.read())
    found = await request.app[SERVICE].check_camera(source)
    still = base64.b64encode(found.still.jpeg).decode() if found.still is not None else None
    return web.json_response(
        {
            "ok": found.reason is None,
            "reason": found.reason,
            "codec": found.codec,
            "still": still,
        }
    )


@routes.get("/streams/{stream_id}/camera", allow_head=False)
async def camera_vitals(request: web.Request) -> web.Response:
    """How the camera does whose stream this is; 404 if it is none of this process."""
    stream_id = _stream_id(request)
    for vitals in request.app[SERVICE].camera_vitals():
        if vitals.stream_id == stream_id:
            return web.json_response(asdict(vitals), dumps=partial(json.dumps, default=str))
    raise StreamNotFound(f"stream {stream_id} is no camera's of this process")


def _source(body: bytes) -> CameraSource:
    try:
        given = json.loads(body)
    except ValueError:
        raise Invalid("the body is no JSON") from None
    names = {"url", "username", "password", "masks", "transcode"}
    if not isinstance(given, dict) or not set(given) <= names or "url" not in given:
        raise Invalid("the body is {url, username?, password?, masks?, transcode?}")
    masks, transcode = _masks(given.pop("masks", [])), given.pop("transcode", False) is True
    if not all(isinstance(value, str | None) for value in given.values()):
        raise Invalid("url, username and password are texts")
    nobody = UUID(int=0)
    try:
        return CameraSource(
            stream_id=StreamId(nobody),
            camera_id=CameraId(nobody),
            masks=masks,
            transcode=transcode,
            **given,
        )
    except (BadSource, TypeError):
        raise Invalid("the url is to be rtsp://, rtsps:// or file:///") from None


def _masks(polygons: object) -> tuple[Mask, ...]:
    if not isinstance(polygons, list):
        raise Invalid("masks is a list of polygons")
    try:
        return tuple(Mask.drawn(points) for points in polygons)
    except TypeError:
        raise Invalid("a mask is a list of points") from None


@routes.get("/metrics", allow_head=False)
async def metrics(request: web.Request) -> web.Response:
    return web.Response(
        # Its own registry, and that of the process: memory, descriptors, the loop's lag.
        body=request.app[SERVICE].metrics.text() + generate_latest(),
        headers={hdrs.CONTENT_TYPE: "text/plain; version=0.0.4; charset=utf-8"},
    )


@routes.get("/healthz", allow_head=False)
async def healthz(request: web.Request) -> web.Response:
    running = request.app[SERVICE].is_running
    return web.json_response({"ok": running}, status=200 if running else 503)


def _rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
