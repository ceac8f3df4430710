"""The push table on a real database, and local push services."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.http.conftest import database
from tests.servers.push_service import PushService, push_service

__all__ = ["database"]  # pytest finds fixtures by name here


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as server:
        yield server
