"""The media processes, as control calls them: which one holds a stream, and what it answers."""

import asyncio
import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from aiohttp import ClientError, ClientTimeout, web

from domain.cameras import Camera
from domain.errors import NotFound, Unavailable
from domain.identifiers import StreamId
from domain.patrol_streams import PatrolStream
from domain.streams import SessionNotFound, StreamNotFound, StreamOffline
from server.database.presence import Process, Processes
from server.database.viewings import Load
from server.edge.calling import Callees, read_all
from server.edge.dialling import EdgeAddress
from server.http.inner_answers import object_in
from server.http.refusals import refusal_of
from server.secrets import PASS_LASTS_S, PassKey

logger = logging.getLogger(__name__)

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
WATCHING_LIMIT_S = 15.0  # an edge answers within 10 s, whether anything has ended or not
LIMIT_S = 5.0  # an answer takes tens of milliseconds; a peer in the street waits no longer
CHECK_LIMIT_S = 20.0  # a camera that is opened for the first time may take its time
HEAD_LIMIT_S = 12.0  # a camera's own 5 s, twice: it is connected to first
LARGEST_ANSWER = 4 * 1024 * 1024  # bytes: a still of a 4K camera


@dataclass(frozen=True, kw_only=True)
class MediaAnswer:
    """What a media process said: a session description, a picture, or nothing."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Media:
    """All media processes of the installation."""

    def __init__(
        self,
        *,
        callees: Callees,
        processes: Processes,
        pass_key: PassKey,
        sent_to: Collection[str] = (),
        edges: Collection[EdgeAddress] = (),
        most_viewers: int = 500,
    ) -> None:
        """``sent_to``: the media processes' own addresses that a page may be sent to.

        ``most_viewers`` of one process; those beyond watch through another.
        """
        self._most_viewers = most_viewers
        self._callees = callees
        self._processes = processes
        self._edges = {address.holder: edge_process(address) for address in edges}
        self._pass_key = pass_key
        self._sent_to = frozenset(sent_to)

    async def of_camera(self, camera: Camera) -> Process:
        """Give the process that runs ``camera``; raises ``StreamOffline``."""
        found = await self._processes.media_of_camera(camera.id)
        if found is None:
            raise StreamOffline("no media process runs this camera at the moment")
        return found

    async def of_patrol(self, stream: PatrolStream) -> Process:
        """Give the process that a patrol publishes to; raises ``StreamOffline``."""
        found = await self._processes.media_of_stream(stream.id)
        if found is None:
            raise StreamOffline("nothing is published on this stream at the moment")
        return found

    async def by_holder(self, holder: str) -> Process:
        """Give a process that a viewing went through; raises ``SessionNotFound``."""
        if (edge := self._edges.get(holder)) is not None:
            return edge
        for process in await self._processes.media():
            if process.holder == holder:
                return process
        raise SessionNotFound("the media process of this session is gone")

    async def metrics_of(self, holder: str) -> bytes:
        """Give what another process of this installation counts; raises ``NotFound``."""
        for process in [*await self._processes.all(), *self._edges.values()]:
            if process.holder == holder and process.url:
                return (await self.ask("GET", process, "/metrics")).body
        raise NotFound(f"no process {holder} gives metrics; /health names those that run")

    async def for_publication(self, stream_id: StreamId) -> Process:
        """Choose where a patrol publishes, and take the stream's lease for that process.

        A stream goes on where it is while that process is there. Raises ``Unavailable`` without a
        process.
        """
        held = await self._processes.media_of_stream(stream_id)
        if held is not None and self._processes.is_there(held):
            return held
        for process in await self._processes.media():
            if await self._processes.place_stream(stream_id, process.holder):
                return process
        raise Unavailable("no media process is there to take the stream")

    async def whip(
        self, process: Process, stream_id: StreamId, session_id: UUID, offer: bytes
    ) -> MediaAnswer:
        return await self._negotiate(process, f"/streams/{stream_id}/whip", session_id, offer)

    async def whep(
        self, process: Process, stream_id: StreamId, session_id: UUID, offer: bytes
    ) -> MediaAnswer:
        return await self._negotiate(process, f"/streams/{stream_id}/whep", session_id, offer)

    async def with_room(
        self, process: Process, stream_id: StreamId, loads: Mapping[str, Load]
    ) -> Process:
        """Give ``process``, which has the stream, or one that it is handed on to when it is full.

        Of those with room, one that has it already: a link carries one copy. When none has, it is
        the first that refuses.
        """
        nothing = Load(viewers=0, of_stream=0)
        if loads.get(process.holder, nothing).viewers < self._most_viewers:
            return process
        with_room = [
            (-min(load.of_stream, 1), load.viewers, other)
            for other in await self._processes.media()
            if other.holder != process.holder
            if (load := loads.get(other.holder, nothing)).viewers < self._most_viewers
        ]
        if not with_room:
            return process
        chosen = min(with_room, key=lambda each: each[:2])[2]
        await self.hand_on(process, stream_id, chosen)
        return chosen

    async def hand_on(self, process: Process, stream_id: StreamId, to: Process) -> None:
        """Return once ``process``, which has the stream, sends it to another or to an edge."""
        await self._tell(process, f"/streams/{stream_id}/handed-on", {"to": to.url})

    async def fetch(self, process: Process, stream_id: StreamId, edge: Process) -> None:
        """Let ``process`` fetch a patrol's stream from the edge that its phone publishes to."""
        await self._tell(process, f"/streams/{stream_id}/fetched", {"from": edge.url})

    @property
    def edges(self) -> Collection[Process]:
        return self._edges.values()

    def is_edge(self, holder: str) -> bool:
        return holder in self._edges

    async def watching_at(self, edge: Process, *, after: int) -> dict[str, Any]:
        """Who watches at an edge, as soon as that is news (``server.media.ends``)."""
        path = f"/watching?after={after}"
        answered = await self.ask("GET", edge, path, limit_s=WATCHING_LIMIT_S)
        return object_in(answered.body)

    def is_sent_to(self, process: Process) -> bool:
        """Whether clients of this process are sent there instead of being forwarded to it."""
        return process.public_url in self._sent_to

    async def expect(
        self,
        process: Process,
        kind: Literal["whip", "whep"],
        stream_id: StreamId,
        session_id: UUID,
        *,
        origin: str,
        headers: Iterable[tuple[str, str]],
        who: str,
        now: datetime,
    ) -> str:
        """Tell a process whom we send there; give the address, with the pass for it.

        What the process would refuse now is raised now.
        """
        seconds = PASS_LASTS_S
        said = {
            "kind": kind,
            "stream": str(stream_id),
            "seconds": seconds,
            "origin": origin,
            "headers": list(headers),
            "who": who,
        }
        await self.ask(
            "PUT",
            process,
            f"/sessions/{session_id}",
            body=json.dumps(said).encode(),
            headers={"Content-Type": "application/json"},
        )
        expires = int(now.timestamp() + seconds)
        given = self._pass_key.sign(session_id, expires_at_s=expires)
        return f"{process.public_url}/sessions/{session_id}?pass={given}"

    async def trickle(
        self, process: Process, session_id: UUID, fragment: bytes, etag: str | None
    ) -> MediaAnswer:
        headers = {"Content-Type": FRAGMENT} | ({"If-Match": etag} if etag else {})
        path = f"/sessions/{session_id}"
        return await self.ask("PATCH", process, path, body=fragment, headers=headers)

    async def end_session(self, process: Process, session_id: UUID) -> None:
        """End a viewing; one that has ended already is ended."""
        try:
            await self.ask("DELETE", process, f"/sessions/{session_id}")
        except SessionNotFound:
            return

    async def statistics(self, process: Process, session_id: UUID) -> dict[str, Any]:
        """Give what the process measures of a session; raises ``SessionNotFound``."""
        answered = await self.ask("GET", process, f"/sessions/{session_id}/statistics")
        return object_in(answered.body)

    async def end_stream(self, process: Process, stream_id: StreamId) -> None:
        try:
            await self.ask("DELETE", process, f"/streams/{stream_id}")
        except StreamNotFound:
            return

    async def end_at_edges(self, stream_id: StreamId) -> None:
        """End a patrol's stream wherever its phone may publish.

        An edge that is silent is told by whoever fetches the stream from it, too.
        """

        async def end(edge: Process) -> None:
            try:
                await self.end_stream(edge, stream_id)
            except Unavailable as error:
                logger.warning("stream %s at %s: %s", stream_id, edge.holder, error)

        async with asyncio.TaskGroup() as group:
            for edge in self._edges.values():
                group.create_task(end(edge), name=f"end {stream_id} at {edge.holder}")

    async def still(self, process: Process, stream_id: StreamId) -> MediaAnswer:
        """Give the newest picture as JPEG, with ``X-Captured-At``."""
        return await self.ask("GET", process, f"/streams/{stream_id}/still")

    async def check_camera(
        self,
        url: str,
        username: str | None,
        password: str | None,
        *,
        masks: Sequence[Sequence[Sequence[float]]] = (),
        transcode: bool = False,
    ) -> dict[str, Any]:
        """Open a camera once: ``{ok, reason, codec, still}``; the still has the masks.

        ``transcode``: its B-frames are no hindrance.
        """
        given = {"url": url, "username": username, "password": password}
        made = {"masks": list(masks), "transcode": transcode}
        return await self.ask_cameras("/cameras/check", given | made)

    async def camera_vitals(self, camera: Camera) -> dict[str, Any]:
        """Give how a camera's main stream does; raises ``StreamOffline``, ``StreamNotFound``."""
        process = await self.of_camera(camera)
        path = f"/streams/{camera.main_stream_id}/camera"
        return object_in((await self.ask("GET", process, path)).body)

    async def ask_cameras(self, path: str, said: Mapping[str, object]) -> dict[str, Any]:
        """Let a media process, which alone reaches the cameras' network, ask there."""
        processes = await self._processes.media()
        if not processes:
            raise Unavailable("no media process is there to open the camera")
        answered = await self.ask(
            "POST",
            processes[0],
            path,
            body=json.dumps(said).encode(),
            headers={"Content-Type": "application/json"},
            limit_s=CHECK_LIMIT_S,
        )
        return object_in(answered.body)

    async def ask_camera(
        self, camera: Camera, path: str, said: Mapping[str, object]
    ) -> dict[str, Any]:
        """Let the process that has the camera's picture ask the camera."""
        process = await self.of_camera(camera)
        body, headers = json.dumps(said).encode(), {"Content-Type": "application/json"}
        answered = await self.ask(
            "POST", process, path, body=body, headers=headers, limit_s=HEAD_LIMIT_S
        )
        return object_in(answered.body)

    async def _negotiate(
        self, process: Process, path: str, session_id: UUID, offer: bytes
    ) -> MediaAnswer:
        return await self.ask(
            "POST",
            process,
            f"{path}?session={session_id}",
            body=offer,
            headers={"Content-Type": SDP},
        )

    async def _tell(self, process: Process, path: str, said: Mapping[str, str]) -> None:
        body, headers = json.dumps(said).encode(), {"Content-Type": "application/json"}
        await self.ask("POST", process, path, body=body, headers=headers)

    async def ask(
        self,
        method: str,
        process: Process,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        limit_s: float | None = None,
    ) -> MediaAnswer:
        """Raise what the process refuses, in its own words; ``Unavailable`` when it is silent."""
        try:
            async with self._callees.request(
                method,
                process.url,
                path,
                data=body,
                headers=headers or {},
                timeout=ClientTimeout(total=limit_s or LIMIT_S),
                allow_redirects=False,
            ) as response:
                taken = await read_all(response, most=LARGEST_ANSWER)
                if response.status >= 300:
                    raise refusal_of(response.status, taken)
                return MediaAnswer(body=taken, headers=response.headers)
        except (ClientError, TimeoutError, OSError) as error:
            logger.warning(
                "media process %s did not answer (%s)", process.holder, type(error).__name__
            )
            raise Unavailable("the media process does not answer; try again") from error


def edge_process(address: EdgeAddress) -> Process:
    """An edge as a media process: it has no database in which to say that it is there."""
    never = datetime.min.replace(tzinfo=UTC)
    return Process(
        holder=address.holder,
        role="media",
        url=address.url,
        tap_path="",
        public_url="",
        started_at=never,
        seen_at=never,
        clock_offset_ms=None,
        health={},
    )


MEDIA = web.AppKey("MEDIA", Media)
