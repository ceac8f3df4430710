"""How an inner host and an edge know each other, before anything else is said on a line.

Each proves that it has the edge's key (HMAC-SHA-256) without showing it. Both proofs cover both
nonces, what the line is for, and the certificate that the inner host sees: whoever sits between
the two shows another certificate, and the proofs do not agree. So no authority has to vouch for
the edge's certificate towards the inside, and it may be made anew at each start.
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from secrets import token_hex
from typing import Protocol

KEY_BYTES = 32
VERSION = 1
NONCE_BYTES = 32
LINE_LIMIT = 1024  # bytes


class NotOurs(Exception):
    """The other end has not proven that it belongs to this installation; the text says how."""


class Purpose(StrEnum):
    """What an inner host opens a line for."""

    REQUESTS = "requests"
    """The edge sends phones' HTTP requests inwards: on this line the inner host is the server."""
    CALLS = "calls"
    """The inner host calls the edge's inner API."""


class Talk(Protocol):
    """A line while the two greet."""

    async def hear(self) -> bytes:
        """Give the next line; raises ``ConnectionError``."""

    def say(self, line: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Greeted:
    """``instance``: of the edge's process, another one after each start of it."""

    purpose: Purpose
    instance: str


async def greet_edge(talk: Talk, *, key: bytes, certificate: bytes, purpose: Purpose) -> Greeted:
    """The inner host's part. Raises ``NotOurs``, ``ConnectionError``."""
    mine = token_hex(NONCE_BYTES)
    _say(talk, {"ilotier": VERSION, "purpose": purpose.value, "nonce": mine})
    said = _read(await talk.hear())
    theirs, instance = said.get("nonce", ""), said.get("instance", "")
    prove = _prover(key, certificate, purpose, mine, theirs, instance)
    if not _agree(said.get("proof", ""), prove("edge")):
        raise NotOurs("the edge does not have the key that this installation has for it")
    _say(talk, {"proof": prove("inner")})
    if _read(await talk.hear()).get("welcome") != "yes":
        raise NotOurs("the edge does not welcome us")
    return Greeted(purpose, instance)


async def greet_inner(talk: Talk, *, key: bytes, certificate: bytes, instance: str) -> Greeted:
    """The edge's part. Raises as ``greet_edge``."""
    said = _read(await talk.hear())
    theirs = said.get("nonce", "")
    if said.get("ilotier") != str(VERSION) or said.get("purpose") not in Purpose:
        raise NotOurs("this is no greeting of ours, or of another release")
    purpose, mine = Purpose(said["purpose"]), token_hex(NONCE_BYTES)
    if len(theirs) != 2 * NONCE_BYTES:
        raise NotOurs("the nonce is too short")
    prove = _prover(key, certificate, purpose, theirs, mine, instance)
    _say(talk, {"nonce": mine, "instance": instance, "proof": prove("edge")})
    proof = _read(await talk.hear()).get("proof", "")
    if not _agree(proof, prove("inner")):
        raise NotOurs("who dials does not have this edge's key")
    _say(talk, {"welcome": "yes"})
    return Greeted(purpose, instance)


def _prover(
    key: bytes, certificate: bytes, purpose: Purpose, inner: str, edge: str, instance: str
) -> Callable[[str], str]:
    seen = sha256(certificate).hexdigest()

    def prove(who: str) -> str:
        # As JSON: no two lists of texts are written alike.
        said = json.dumps(["ilotier edge", VERSION, who, purpose, inner, edge, instance, seen])
        return hmac.new(key, said.encode(), sha256).hexdigest()

    return prove


def _agree(given: str, expected: str) -> bool:
    # JSON may hold half a surrogate pair, which UTF-8 can't.
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _say(talk: Talk, said: dict[str, object]) -> None:
    talk.say(json.dumps(said).encode())


def _read(line: bytes) -> dict[str, str]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise NotOurs("this is no greeting") from None
    if not isinstance(said, dict):
        raise NotOurs("this is no greeting")
    return {name: str(value) for name, value in said.items()}
