"""What two clocks say, to tell how old something is whatever happens to one of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class ClockReading:
    """``at`` by the clock, which may be set; ``s`` by the loop's, which stands still in sleep."""

    at: datetime
    s: float

    @classmethod
    def now(cls, clock: Callable[[], datetime]) -> Self:
        return cls(clock(), asyncio.get_running_loop().time())

    def is_older(self, than_s: float, *, now: "ClockReading") -> bool:
        """It is as old as the one of them says that has gone further."""
        return max((now.at - self.at).total_seconds(), now.s - self.s) > than_s
