"""A process, or its whole host, that stands still for seconds: a host's backup does that to it."""

import time

import pytest


def stand_still(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """All timers of this process are late by so much from now on, and nothing was done meanwhile.

    As after a real stop: the event loop's clock is this one too.
    """
    stock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: stock() + seconds)
