"""Local services that speak the real contracts; nothing here leaves this machine."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from push.messages import PushMessage
from tests.servers.fcm import Fcm, fcm_server
from tests.servers.push_service import PushService, push_service

type MakeMessage = Callable[[], PushMessage]


@pytest.fixture
async def fcm() -> AsyncIterator[Fcm]:
    async with fcm_server() as server:
        yield server


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as server:
        yield server


@pytest.fixture
def message() -> PushMessage:
    return message_about(uuid4())


def message_about(thing: UUID) -> PushMessage:
    return PushMessage(kind="alert", id=thing, at=datetime.now(UTC), ttl=timedelta(minutes=15))
