"""Test peers, like the service, use the loopback alone."""

import aioice.ice
import pytest


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **kinds: ["127.0.0.1"])
