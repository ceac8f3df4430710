"""A local server that speaks the FCM HTTP v1 contract: token endpoint and ``messages:send``.

What it answers is chosen by the address of the message, so that one run meets every outcome:
``unreg``, ``mismatch``, ``badarg``, ``thirdparty``, ``quota``, ``503``, ``500``, ``flaky`` (two
503, then taken), ``hang``, ``cut``, ``notjson``, ``html``; everything else is taken. An address
may go on after a dash: ``quota-2``. Run by hand: ``python -m tests.servers.fcm FILE`` writes a
service account for it to FILE.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = "ilotier-test"
#: What real clients put in the assertion even when the token endpoint is local.
AUDIENCE = "https://oauth2.googleapis.com/token"
EMAIL = f"push@{PROJECT}.iam.gserviceaccount.com"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"

#: Address -> status, google.rpc status, FCM error code.
ERRORS = {
    "unreg": (404, "NOT_FOUND", "UNREGISTERED"),
    "mismatch": (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
    "badarg": (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    "thirdparty": (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
    "quota": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    "503": (503, "UNAVAILABLE", "UNAVAILABLE"),
    "500": (500, "INTERNAL", "INTERNAL"),
}
QUOTA_RETRY_AFTER_S = 7


@cache
def _key() -> rsa.RSAPrivateKey:
    # One for the run: finding the primes takes longer than most tests.
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Fcm:
    """The server's side of the story: what came, how often, and what it showed on the phone."""

    url: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    """Messages that were taken, as they came, duplicates included."""
    attempts: Counter[str] = field(default_factory=Counter)
    tokens_given: int = 0
    token_hangs: bool = False
    token_asked: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    key: rsa.RSAPrivateKey = field(default_factory=_key)

    @property
    def account(self) -> dict[str, str]:
        """A service account for this server, as the console of the real one would give it."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "k1",
            "private_key": pem.decode(),
            "client_email": EMAIL,
            "token_uri": f"{self.url}/token",
        }

    def shown(self, address: str) -> list[str]:
        """The notifications on the phone of ``address``: one for each id, however often it came."""
        ids = [m["data"]["id"] for m in self.messages if address_of(m) == address]
        return list(dict.fromkeys(ids))

    async def token(self, request: web.Request) -> web.Response:
        self.token_asked.set()
        if self.token_hangs:
            await self.closing.wait()
        form = await request.post()
        if form["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        jwt.decode(
            str(form["assertion"]),
            self.key.public_key(),
            ["RS256"],
            audience=AUDIENCE,
            issuer=EMAIL,
        )
        self.tokens_given += 1
        token = f"token-{self.tokens_given}"
        return web.json_response(
            {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        )

    async def send(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer token-{self.tokens_given}":
            return _refuse(401, "UNAUTHENTICATED", "UNAUTHENTICATED")
        body = await request.json()
        message = body["message"]
        address = address_of(message)
        self.attempts[address] += 1
        behaviour = address.partition("-")[0]
        if behaviour in ERRORS:
            return _refuse(*ERRORS[behaviour])
        if behaviour == "flaky" and self.attempts[address] < 3:
            return _refuse(*ERRORS["503"])
        if behaviour == "hang":
            await self.closing.wait()
        if behaviour == "cut":
            assert request.transport is not None
            request.transport.abort()
        if behaviour == "html":
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        self.messages.append(message)
        if behaviour == "notjson":
            return web.Response(text="not JSON at all")
        name = f"projects/{request.match_info['project']}/messages/{len(self.messages)}"
        return web.json_response({"name": name})


def address_of(message: dict[str, Any]) -> str:
    """Give the one address of ``message``; the real service refuses none and two."""
    (address,) = [message[name] for name in ("token", "fid") if name in message]
    return str(address)


def _refuse(status: int, meaning: str, code: str) -> web.Response:
    detail = {"@type": FCM_ERROR, "errorCode": code}
    error = {"code": status, "status": meaning, "message": code, "details": [detail]}
    headers = {"Retry-After": str(QUOTA_RETRY_AFTER_S)} if status == 429 else {}
    return web.json_response({"error": error}, status=status, headers=headers)


def build(fcm: Fcm) -> web.Application:
    app = web.Application()
    app.router.add_post("/token", fcm.token)
    app.router.add_post("/v1/projects/{project}/messages:send", fcm.send)
    return app


@asynccontextmanager
async def fcm_server() -> AsyncIterator[Fcm]:
    fcm = Fcm()
    async with TestServer(build(fcm)) as server:
        fcm.url = str(server.make_url("")).rstrip("/")
        try:
            yield fcm
        finally:
            fcm.closing.set()


def main() -> None:
    """Serve on 127.0.0.1:9099 until interrupted."""
    fcm = Fcm(url="http://127.0.0.1:9099")
    Path(sys.argv[1]).write_text(json.dumps(fcm.account), encoding="utf-8")
    web.run_app(build(fcm), host="127.0.0.1", port=9099)


if __name__ == "__main__":
    main()
