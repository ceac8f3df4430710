"""A client of the API as an outsider would write it: requests, JSON, and patience."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.town import Town

ASK_AGAIN_S = 0.05
#: What a client may meet while a process or the database is started again, and asks again after.
PASSING = (502, 503, 504)


class Api:
    """One signed-in person or device. Answers are JSON; a refusal is an AssertionError."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = f"{url}/api/v1"
        self.token = ""

    async def get(self, path: str) -> Any:
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: object | None = None) -> Any:
        return await self._ask("POST", path, body or {})

    async def sign_in(self, name: str, password: str) -> Any:
        said = {"sign_in": name, "password": password, "kind": "api"}
        me = await self.patiently("POST", "/sign-in", said)
        self.token = me["token"]
        return me

    async def patiently(self, method: str, path: str, body: object | None = None) -> Any:
        """Ask until it is answered, through refused connections and 503."""
        while True:
            try:
                status, answer = await self.once(method, path, body)
            except (aiohttp.ClientError, TimeoutError):
                status, answer = 503, None
            if status not in PASSING:
                assert status < 300, (status, answer)
                return answer
            await asyncio.sleep(ASK_AGAIN_S)

    async def once(self, method: str, path: str, body: object | None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self._session.request(
            method, self._url + path, json=body, headers=headers
        ) as response:
            is_json = response.content_type.endswith("json")
            return response.status, (await response.json(content_type=None) if is_json else None)

    async def _ask(self, method: str, path: str, body: object | None) -> Any:
        status, answer = await self.once(method, path, body)
        assert status < 300, (method, path, status, answer)
        return answer


@asynccontextmanager
async def client(url: str, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Api]:
    connector = aiohttp.TCPConnector(ssl=tls if tls is not None else True)
    timeout = aiohttp.ClientTimeout(total=15.0)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield Api(session, url)


@asynccontextmanager
async def signed_in(town: Town, role: str) -> AsyncIterator[Api]:
    async with client(town.url) as api:
        who = town.sign_ins[role]
        await api.sign_in(who["name"], who["password"])
        yield api


async def until[T](look: Callable[[], Awaitable[T]], *, within_s: float) -> T:
    """Look until something is seen; TimeoutError when it is not in time."""
    async with asyncio.timeout(within_s):
        while True:
            if seen := await look():
                return seen
            await asyncio.sleep(ASK_AGAIN_S)
