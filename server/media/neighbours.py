"""The other media processes' inner APIs, an edge's too, as one process calls another's."""

from uuid import UUID

from aiohttp import ClientError, ClientTimeout

from domain.errors import Unavailable
from domain.identifiers import StreamId
from server.edge.calling import Callees, read_all
from webrtc.calling import Answered

LIMIT_S = 4.0  # control, which asked for it, waits 5 s
LARGEST_ANSWER = 64 * 1024


class HttpNeighbours:
    """``server.media.cascade.Neighbours`` and ``server.media.fetches.Edges``."""

    def __init__(self, callees: Callees) -> None:
        self._callees = callees

    async def offer(
        self,
        url: str,
        stream_id: StreamId,
        session_id: UUID,
        sdp: str,
        *,
        makes_keyframes: bool,
    ) -> Answered:
        said = f"session={session_id}&keyframes={int(makes_keyframes)}"
        return await self._offer(url, f"/streams/{stream_id}/received?{said}", sdp)

    async def over(self, url: str, stream_id: StreamId) -> None:
        await self._ask("DELETE", url, f"/streams/{stream_id}/received", None, expected=(204,))

    async def ask_for(self, url: str, stream_id: StreamId, session_id: UUID, sdp: str) -> Answered:
        return await self._offer(url, f"/streams/{stream_id}/given?session={session_id}", sdp)

    async def end(self, url: str, stream_id: StreamId) -> None:
        await self._ask("DELETE", url, f"/streams/{stream_id}", None, expected=(204, 404))

    async def _offer(self, url: str, path: str, sdp: str) -> Answered:
        try:
            hosts = await self._callees.hosts(url)
        except OSError as error:
            raise Unavailable("the edge's name can't be found") from error
        return Answered(await self._ask("POST", url, path, sdp, expected=(201,)), hosts)

    async def _ask(
        self, method: str, url: str, path: str, sdp: str | None, *, expected: tuple[int, ...]
    ) -> str:
        headers = {"Content-Type": "application/sdp"} if sdp else {}
        try:
            async with self._callees.request(
                method,
                url,
                path,
                data=sdp,
                headers=headers,
                timeout=ClientTimeout(total=LIMIT_S),
                allow_redirects=False,
            ) as response:
                said = await read_all(response, most=LARGEST_ANSWER)
                if response.status not in expected:
                    raise Unavailable(f"the other media process answered {response.status}")
                return said.decode(errors="replace")
        except (ClientError, TimeoutError, OSError) as error:
            raise Unavailable("the other media process does not answer") from error
