"""Passwords and PINs: argon2id, in a thread, only so many at once."""

import asyncio
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import Unavailable

SHORTEST_PASSWORD = 12  # characters; length, not composition (NIST SP 800-63B-4, ANSSI 2021)
#: One hash takes 64 MiB and about 0.1 s of a core (RFC 9106, second choice): two at once leave the
#: loop its share of a small machine, and a flood waits instead of filling the memory.
AT_ONCE = 2
MOST_WAITING = 32
PATIENCE_S = 10.0


class Passwords:
    """Hashes and checks. ``hasher`` is replaced in tests by a cheap one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        # Checked in place of an unknown person's hash, so that both answers take as long.
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Give the hash to keep; raises ``Unavailable`` when too many wait."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether ``password`` is the one; None takes as long and is never it."""
        if kept is None:
            if self._nobodys is None:
                self._nobodys = await self.hash("nobody's password, ever")
            await self._run(lambda: self._matches(self._nobodys or "", password))
            return False
        return await self._run(lambda: self._matches(kept, password))

    async def matches(self, hashed: str, secret: str) -> bool:
        """Tell whether ``secret`` is the one (``mobile_api.keys.Pins``)."""
        return await self.verify(hashed, secret)

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run[T](self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("too many people sign in at once; try again in a moment")
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE_S), self._turns:
                return await asyncio.to_thread(work)
        except TimeoutError:
            raise Unavailable("too many people sign in at once; try again in a moment") from None
        finally:
            self._waiting -= 1
