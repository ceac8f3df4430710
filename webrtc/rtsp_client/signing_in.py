"""Signing in to a camera: digest (RFC 7616, RFC 2617), and basic where it asks for nothing else."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_SCHEME = re.compile(r"(?:^|,\s*)(Digest|Basic)(?=\s|$)", re.IGNORECASE)
_PART = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_ALGORITHMS = ("SHA-256", "MD5")
"""The better first; each also as "-sess"."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """``algorithm`` "" for basic; ``named``: as the camera wrote it, if it did. Texts as sent."""

    realm: str
    nonce: str = ""
    opaque: str | None = None
    algorithm: str = ""
    named: str | None = None
    qop: bool = False
    stale: bool = False

    @property
    def rank(self) -> int:
        name = self.algorithm.removesuffix("-SESS")
        return len(_ALGORITHMS) - _ALGORITHMS.index(name) if name in _ALGORITHMS else 0


def challenges(values: Iterable[str]) -> list[Challenge]:
    """All of the ``WWW-Authenticate`` headers' that we can answer, the best first."""
    found = []
    for value in values:
        places = [*_SCHEME.finditer(value)]
        for place, end in zip(places, [*(p.start() for p in places[1:]), len(value)], strict=True):
            challenge = _read(place[1].lower(), value[place.end() : end])
            if challenge is not None:
                found.append(challenge)
    return sorted(found, key=lambda each: -each.rank)


def _read(scheme: str, text: str) -> Challenge | None:
    parts = {name.lower(): quoted or plain for name, quoted, plain in _PART.findall(text)}
    realm = parts.get("realm", "")
    if scheme == "basic":
        return Challenge(realm)
    algorithm = parts.get("algorithm", "MD5").upper()
    if algorithm.removesuffix("-SESS") not in _ALGORITHMS or "nonce" not in parts:
        return None
    offered = {each.strip() for each in parts.get("qop", "").lower().split(",")} - {""}
    if offered and "auth" not in offered:
        return None
    return Challenge(
        realm,
        parts["nonce"],
        parts.get("opaque"),
        algorithm,
        parts.get("algorithm"),
        bool(offered),
        parts.get("stale", "").lower() == "true",
    )


class SigningIn:
    """Who we are to this camera. Never shown: it holds the password."""

    def __init__(
        self,
        username: str | None,
        password: str | None,
        *,
        client_nonce: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._username, self._password = username, password or ""
        self._client_nonce = client_nonce
        self._challenge: Challenge | None = None
        self._count = 0
        self._was_right = False

    def refused(self, headers: Iterable[str]) -> bool:
        """A 401 has come; whether another try makes sense."""
        offered = challenges(headers)
        if self._username is None or not offered:
            return False
        before, self._challenge, self._count = self._challenge, offered[0], 0
        if before is None:
            return True
        # The same password again is of use only where the nonce, not the password, was the fault.
        by_nonce = offered[0].stale or self._was_right
        return by_nonce and offered[0].nonce != before.nonce

    def accepted(self) -> None:
        """What was asked with the password was answered: some cameras give a nonce for each."""
        self._was_right = self._challenge is not None

    def header(self, verb: str, url: str) -> str | None:
        """The ``Authorization`` of a request; None before we were asked."""
        challenge, username = self._challenge, self._username
        if challenge is None or username is None:
            return None
        if not challenge.algorithm:
            secret = f"{username}:{self._password}".encode()
            return f"Basic {base64.b64encode(secret).decode()}"
        return self._digest(challenge, username, verb, url)

    def _digest(self, challenge: Challenge, username: str, verb: str, url: str) -> str:
        def digest(*texts: str) -> str:
            text = ":".join(texts).encode()
            if challenge.algorithm.startswith("SHA-256"):
                return hashlib.sha256(text).hexdigest()
            return hashlib.md5(text, usedforsecurity=False).hexdigest()  # what the camera asks for

        self._count += 1
        count, client_nonce = f"{self._count:08x}", self._client_nonce()
        secret = digest(username, challenge.realm, self._password)
        if challenge.algorithm.endswith("-SESS"):
            secret = digest(secret, challenge.nonce, client_nonce)
        what = digest(verb, url)
        if challenge.qop:
            answer = digest(secret, challenge.nonce, count, client_nonce, "auth", what)
        else:
            answer = digest(secret, challenge.nonce, what)
        parts = [
            f"username={_quoted(username)}",
            f'realm="{challenge.realm}"',
            f'nonce="{challenge.nonce}"',
            f'uri="{url}"',
            f'response="{answer}"',
        ]
        if challenge.named is not None:
            parts.append(f"algorithm={challenge.named}")
        if challenge.opaque is not None:
            parts.append(f'opaque="{challenge.opaque}"')
        if challenge.qop or challenge.algorithm.endswith("-SESS"):
            parts += [f"qop=auth, nc={count}", f'cnonce="{client_nonce}"']
        return "Digest " + ", ".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
