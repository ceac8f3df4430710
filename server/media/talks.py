"""Who speaks through the cameras of this process, and what control asks of it: ``/talks/…``.

Control has written who speaks, where and why before it asks; what sounds is never kept here.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from aiohttp import hdrs, web

from domain.errors import Invalid, NotFound, Unavailable
from domain.identifiers import AnnouncementId, StreamId
from domain.streams import SessionExists, SessionNotFound, StreamOffline
from domain.talks import BadAnnouncement, LoudspeakerAway
from server.media.parts import Parts
from webrtc.cameras import CameraSource
from webrtc.offers import check_voice
from webrtc.relay import EndReason
from webrtc.rtsp_client.back_channel import BackChannel, open_back_channel
from webrtc.signalling import PeerSession
from webrtc.speech import Encoder, announcement_payloads, take_in
from webrtc.talking import Spoken, TalkSession

logger = logging.getLogger(__name__)

MOST_TALKS = 8
"""Of one process: each decodes and encodes; nobody addresses more of a town at once."""
MOST_FILE_BYTES = 4 * 1024 * 1024
"""An announcement as it is uploaded: a minute of it as WAV, 16 bits mono at 32 kHz."""


class Talks:
    """``run`` plays the announcements; voices are sessions as others are."""

    def __init__(
        self,
        parts: Parts,
        *,
        source_of: Callable[[StreamId], CameraSource | None],
        over: Callable[[UUID, float], None],
    ) -> None:
        """``over`` is told of each talk that has begun, once, with how long it sounded, in s."""
        self._parts, self._source_of, self._over = parts, source_of, over
        self._group: asyncio.TaskGroup | None = None
        self._playing: dict[UUID, asyncio.Task[None]] = {}
        self._beginning: set[UUID] = set()

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await asyncio.Event().wait()
        finally:
            self._group = None

    async def speak(self, stream_id: StreamId, talk_id: UUID, body: bytes) -> PeerSession:
        """Somebody's voice, by WHIP, from the moment that his browser is connected.

        Raises `BadSessionDescription`, `NoCommonCodec`, `NoLoudspeaker`, `LoudspeakerAway`,
        `StreamOffline`, `Unavailable`.
        """
        offer = check_voice(body)
        async with self._channel(stream_id, talk_id) as channel:
            session = TalkSession(
                talk_id,
                channel,
                metrics=self._parts.metrics,
                limits=self._parts.limits,
                port=self._parts.port,
                over=self._over,
            )
            return await self._parts.open_session(session, offer)

    async def announce(self, stream_id: StreamId, talk_id: UUID, kept: bytes) -> float:
        """Let an announcement sound; return once it begins, with its length in seconds.

        Raises as `speak`.
        """
        async with self._channel(stream_id, talk_id) as channel:
            encoder = Encoder(channel.loudspeaker)
            payloads = await asyncio.to_thread(announcement_payloads, kept, encoder)
            if self._group is None or talk_id not in self._beginning:
                raise SessionNotFound("it was ended before it began")
            spoken = Spoken(channel, encoder)
            playing = self._play(talk_id, channel, spoken, payloads)
            task = self._group.create_task(playing, name=f"announcement {talk_id}")
            self._playing[talk_id] = task

            def played(_: asyncio.Task[None]) -> None:
                # Not in the task: one that is cancelled before its first step runs nothing.
                channel.close()
                self._playing.pop(talk_id, None)
                self._over(talk_id, spoken.sounded_s)

            task.add_done_callback(played)
        return len(payloads) * encoder.step_s

    @asynccontextmanager
    async def _channel(self, stream_id: StreamId, talk_id: UUID) -> AsyncIterator[BackChannel]:
        """What the block begins to use is its user's to close; if it fails, it is closed here."""
        if self._group is None:
            raise Unavailable("the media process is starting or stopping")
        voices = {one.id for one in self._parts.sessions.values() if isinstance(one, TalkSession)}
        on = voices | self._playing.keys() | self._beginning
        if talk_id in on:
            raise SessionExists(f"talk {talk_id} has begun")
        if len(on) >= MOST_TALKS:
            raise LoudspeakerAway("too-many-talks")
        source = self._source_of(stream_id)
        if source is None:
            raise StreamOffline(f"stream {stream_id} is no camera's of this process")
        self._beginning.add(talk_id)
        try:
            channel = await open_back_channel(source)
            try:
                if talk_id not in self._beginning:
                    raise SessionNotFound("it was ended before it began")
                yield channel
            except BaseException:
                channel.close()
                raise
        finally:
            self._beginning.discard(talk_id)

    async def _play(
        self, talk_id: UUID, channel: BackChannel, spoken: Spoken, payloads: list[bytes]
    ) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                saying = group.create_task(spoken.say(payloads))
                keeping = group.create_task(channel.keep())
                await asyncio.wait({saying, keeping}, return_when=asyncio.FIRST_COMPLETED)
                saying.cancel()
                keeping.cancel()
        except Exception:  # one camera's boundary: the others are not to notice
            logger.exception("announcement %s failed", talk_id)

    def end(self, talk_id: UUID) -> None:
        """Raises `SessionNotFound`."""
        session = self._parts.sessions.get(talk_id)
        if isinstance(session, TalkSession):
            session.end(EndReason.STOPPED)
        elif (task := self._playing.get(talk_id)) is not None:
            task.cancel()
        elif talk_id in self._beginning:
            self._beginning.discard(talk_id)
        else:
            raise SessionNotFound(f"talk {talk_id} is not on here")


class TalkRoutes:
    """``audio_of``: an announcement's sound as it is kept; raises ``NotFound``."""

    def __init__(
        self, talks: Talks, *, audio_of: Callable[[AnnouncementId], Awaitable[bytes]]
    ) -> None:
        self._talks, self._audio_of = talks, audio_of

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/talks/{talk_id}/voice", self._speak)
        app.router.add_post("/talks/{talk_id}/announcement", self._announce)
        app.router.add_delete("/talks/{talk_id}", self._end)
        app.router.add_post("/announcements", self._take_in)

    async def _speak(self, request: web.Request) -> web.Response:
        """``?stream=``, an offer -> an answer."""
        if request.content_type != "application/sdp":
            raise web.HTTPUnsupportedMediaType(reason="the body is to be application/sdp")
        stream_id = StreamId(_uuid(request.query.get("stream", "")))
        session = await self._talks.speak(stream_id, _talk(request), await request.read())
        headers = {hdrs.ETAG: session.etag}
        answer = session.answer.result()
        return web.Response(
            status=201, text=answer, content_type="application/sdp", headers=headers
        )

    async def _announce(self, request: web.Request) -> web.Response:
        """``{stream, announcement}`` -> ``{seconds}``, once it begins to sound."""
        try:
            given = json.loads(await request.read())
            stream_id = StreamId(UUID(given["stream"]))
            announcement_id = AnnouncementId(UUID(given["announcement"]))
        except (ValueError, TypeError, KeyError):
            raise Invalid("the body is {stream, announcement}") from None
        kept = await self._audio_of(announcement_id)
        seconds = await self._talks.announce(stream_id, _talk(request), kept)
        return web.json_response({"seconds": seconds})

    async def _end(self, request: web.Request) -> web.Response:
        self._talks.end(_talk(request))
        return web.Response(status=204)

    async def _take_in(self, request: web.Request) -> web.Response:
        """An uploaded file -> it as it is kept, its length in ``X-Seconds``."""
        taken = bytearray()
        async for piece in request.content.iter_any():
            taken += piece
            if len(taken) > MOST_FILE_BYTES:
                raise BadAnnouncement("the file is larger than 4 MiB")
        kept, seconds = await asyncio.to_thread(take_in, bytes(taken))
        return web.Response(
            body=kept, content_type="audio/wav", headers={"X-Seconds": f"{seconds:.3f}"}
        )


def _talk(request: web.Request) -> UUID:
    return _uuid(request.match_info["talk_id"])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("there is no such talk or stream") from None
