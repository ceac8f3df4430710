"""The sessions that control has allowed and whose clients come here by themselves, once each."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from domain.errors import Invalid
from domain.identifiers import StreamId
from domain.streams import SessionExists, SessionNotFound, TooManyViewers

MOST = 1000  # between a redirection and its client some tens of milliseconds pass
MOST_OF_ONE = 200  # a wall of pictures on several screens, opened at once
LOOK_EVERY_S = 0.5
LONGEST_S = 60.0

type Kind = Literal["whip", "whep"]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One session to come, and what its client is answered beside the description.

    ``origin``: the page that may ask, "" for a client that is no browser's page. ``headers``: such
    as Location, which leads back to control. ``who``: the person or the device, "" where nobody is
    told apart.
    """

    kind: Kind
    stream_id: StreamId
    session_id: UUID
    origin: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    who: str = ""


class Expectations:
    """Held until the client comes or the time is over; ``never_came`` is told of the others."""

    def __init__(self, *, never_came: Callable[[Expected], None]) -> None:
        self._never_came = never_came
        self._held: dict[UUID, tuple[float, Expected]] = {}

    async def run(self) -> None:
        """Forget who does not come, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._forget(self._is_late)

    def add(self, expected: Expected, *, seconds: float) -> None:
        """A device that asks again for its stream is expected once: its earlier session is not.

        Raises ``SessionExists``, ``TooManyViewers``, ``Invalid``.
        """
        if not 0 < seconds <= LONGEST_S:
            raise Invalid(f"a session is expected for at most {LONGEST_S:.0f} s")
        if expected.session_id in self._held:
            raise SessionExists(f"session {expected.session_id} is expected already")
        if expected.kind == "whip":
            self._forget(lambda one: one.kind == "whip" and one.stream_id == expected.stream_id)
        of_one = sum(one.who == expected.who for _, one in self._held.values())
        if expected.who and of_one >= MOST_OF_ONE:
            raise TooManyViewers(f"{MOST_OF_ONE} sessions of one person are expected")
        if len(self._held) >= MOST:
            raise TooManyViewers(f"{MOST} sessions are expected")
        until_s = asyncio.get_running_loop().time() + seconds
        self._held[expected.session_id] = (until_s, expected)

    def get(self, session_id: UUID) -> Expected:
        """Raises ``SessionNotFound``: never expected, begun already, or too late."""
        held = self._held.get(session_id)
        if held is None or self._is_late(held[1]):
            raise SessionNotFound("this session is not expected; ask for it again")
        return held[1]

    def take(self, session_id: UUID) -> Expected:
        """As ``get``, and it is expected no more."""
        expected = self.get(session_id)
        del self._held[session_id]
        return expected

    def streams(self) -> set[StreamId]:
        """Those that somebody is expected to watch."""
        return {one.stream_id for _, one in self._held.values() if one.kind == "whep"}

    def stream_over(self, stream_id: StreamId) -> None:
        """Nobody is expected for this stream any more."""
        self._forget(lambda one: one.stream_id == stream_id)

    def drop(self, session_id: UUID) -> bool:
        """The right to it has ended; False when it is not expected."""
        return self._held.pop(session_id, None) is not None

    def _is_late(self, expected: Expected) -> bool:
        return self._held[expected.session_id][0] <= asyncio.get_running_loop().time()

    def _forget(self, whom: Callable[[Expected], bool]) -> None:
        for _, expected in list(self._held.values()):
            if whom(expected):
                del self._held[expected.session_id]
                self._never_came(expected)
