"""Hours that pass at once: a loop whose time goes on when nothing is left to do."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class Loop(asyncio.SelectorEventLoop):
    """Its time goes on by as much as there is to wait; ``now_s`` may be moved on besides."""

    def __init__(self) -> None:
        super().__init__(selector := _Selector())
        self.now_s = 0.0
        selector.loop = self

    def time(self) -> float:
        return self.now_s


class _Selector(selectors.DefaultSelector):
    loop: Loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing would ever happen any more"
        self.loop.now_s += max(timeout, 0)
        return super().select(0)


def run(loop: Loop, main: Coroutine[Any, Any, None]) -> None:
    try:
        loop.run_until_complete(main)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
