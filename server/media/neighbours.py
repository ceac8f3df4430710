"""The other media processes' inner APIs, as one process calls another's."""

from uuid import UUID

from aiohttp import ClientError, ClientSession, ClientTimeout

from domain.errors import Unavailable
from domain.identifiers import StreamId

LIMIT_S = 4.0  # control, which asked for it, waits 5 s
LARGEST_ANSWER = 64 * 1024


class HttpNeighbours:
    """``server.media.cascade.Neighbours``, with the internal token."""

    def __init__(self, session: ClientSession, *, internal_token: str) -> None:
        self._session = session
        self._headers = {"Authorization": f"Bearer {internal_token}"}

    async def offer(
        self,
        url: str,
        stream_id: StreamId,
        session_id: UUID,
        sdp: str,
        *,
        makes_keyframes: bool,
    ) -> str:
        said = f"session={session_id}&keyframes={int(makes_keyframes)}"
        address = f"{url}/streams/{stream_id}/received?{said}"
        return await self._ask("POST", address, sdp, expected=201)

    async def over(self, url: str, stream_id: StreamId) -> None:
        await self._ask("DELETE", f"{url}/streams/{stream_id}/received", None, expected=204)

    async def _ask(self, method: str, address: str, sdp: str | None, *, expected: int) -> str:
        headers = self._headers | ({"Content-Type": "application/sdp"} if sdp else {})
        try:
            async with self._session.request(
                method,
                address,
                data=sdp,
                headers=headers,
                timeout=ClientTimeout(total=LIMIT_S),
                allow_redirects=False,
            ) as response:
                said = await response.content.read(LARGEST_ANSWER)
                if response.status != expected:
                    raise Unavailable(f"the other media process answered {response.status}")
                return said.decode(errors="replace")
        except (ClientError, TimeoutError, OSError) as error:
            raise Unavailable("the other media process does not answer") from error
