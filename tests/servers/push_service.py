"""A local Web Push service (RFC 8030): takes messages, checks the sender, decrypts as a phone does.

What it answers is chosen by the phone's name: ``lost`` 404, ``gone`` 410, ``big`` 413, ``busy``
429 with Retry-After, ``broken`` 500, ``forbidden`` 403, ``moved`` 307 to a place that must not be
asked, ``flaky`` (500 once), ``hang``, ``cut``; every other one takes it. A name may go on after a
dash. Run by hand: ``python -m tests.servers.push_service``.
"""

import asyncio
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import http_ece
import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

STATUS = {
    "lost": 404,
    "gone": 410,
    "big": 413,
    "busy": 429,
    "broken": 500,
    "forbidden": 403,
    "moved": 307,
}
BUSY_RETRY_AFTER_S = 7
#: A service need not take more (RFC 8030 section 7.2).
LONGEST_BODY = 4096


@dataclass(frozen=True)
class Received:
    """One message that was taken: what the page reads, and the headers that came with it."""

    data: dict[str, str]
    headers: Mapping[str, str]
    contact: str


class Phone:
    """A browser that has subscribed: its keys, and what its page was given."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)
        self.received: list[Received] = []

    @property
    def shown(self) -> list[str]:
        """The notifications on its screen: the tag is the id, so each id is there once."""
        return list(dict.fromkeys(one.data["id"] for one in self.received))


@dataclass
class PushService:
    url: str = ""
    phones: dict[str, Phone] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def subscribe(self, name: str) -> dict[str, str]:
        """Give what the page would send to ``PUT /push-subscription``, as the table keeps it."""
        phone = self.phones.setdefault(name, Phone(name))
        point = phone.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return {
            "endpoint": f"{self.url}/push/{name}",
            "p256dh": _base64(point),
            "auth": _base64(phone.auth),
        }

    async def wait_for(self, name: str, times: int) -> list[Received]:
        """Wait until the phone was given ``times`` messages; the caller limits it."""
        async with self.came:
            await self.came.wait_for(lambda: len(self.phones[name].received) >= times)
        return self.phones[name].received

    async def wait_for_attempt(self, name: str) -> None:
        async with self.came:
            await self.came.wait_for(lambda: self.attempts[name] > 0)

    async def take(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        async with self.came:
            self.attempts[name] += 1
            self.came.notify_all()
        behaviour = name.partition("-")[0]
        if behaviour == "hang":
            await self.closing.wait()
        if behaviour == "cut":
            assert request.transport is not None
            request.transport.abort()
        if behaviour == "flaky" and self.attempts[name] == 1:
            return web.Response(status=500)
        if behaviour in STATUS:
            headers = {"Retry-After": str(BUSY_RETRY_AFTER_S)} if behaviour == "busy" else {}
            if behaviour == "moved":
                headers["Location"] = f"{self.url}/push/trap"
            return web.Response(status=STATUS[behaviour], headers=headers)
        body = await request.read()
        if len(body) > LONGEST_BODY:
            return web.Response(status=413)
        phone = self.phones[name]
        contact = self._sender(request)
        plain = http_ece.decrypt(
            body, private_key=phone.key, auth_secret=phone.auth, version="aes128gcm"
        )
        async with self.came:
            phone.received.append(Received(json.loads(plain), dict(request.headers), contact))
            self.came.notify_all()
        return web.Response(status=201)

    def _sender(self, request: web.Request) -> str:
        """Check the VAPID token (RFC 8292) for this very service; give the sender's contact."""
        scheme, _, parameters = request.headers["Authorization"].partition(" ")
        parts = dict(one.strip().split("=", 1) for one in parameters.split(","))
        assert scheme == "vapid"
        padded = parts["k"] + "=" * (-len(parts["k"]) % 4)
        point = urlsafe_b64decode(padded)
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims: dict[str, Any] = jwt.decode(parts["t"], key, ["ES256"], audience=self.url)
        return str(claims["sub"])


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def build(service: PushService) -> web.Application:
    app = web.Application()
    app.router.add_post("/push/{name}", service.take)
    return app


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    service = PushService()
    async with TestServer(build(service)) as server:
        service.url = str(server.make_url("")).rstrip("/")
        try:
            yield service
        finally:
            service.closing.set()


def main() -> None:
    """Serve on 127.0.0.1:9098 until interrupted."""
    web.run_app(build(PushService(url="http://127.0.0.1:9098")), host="127.0.0.1", port=9098)


if __name__ == "__main__":
    main()
