"""Web Push against a local push service that checks the sender and decrypts as a page does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from push.addresses import Addresses
from push.channels import BadPushAddress, Became
from push.messages import PushMessage
from push.vapid import vapid_key
from push.web_push import LONGEST_PAYLOAD, WebPushChannel, encrypted
from tests.servers.push_service import BUSY_RETRY_AFTER_S, LONGEST_BODY, PushService

CONTACT = "mailto:csu@example.org"
LIMIT_S = 60.0


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened(
    folder: Path, *, timeout_s: float = LIMIT_S, allow_loopback: bool = True
) -> AsyncIterator[WebPushChannel]:
    channel = WebPushChannel(
        key=vapid_key(folder),
        contact=CONTACT,
        addresses=Addresses(hosts=["push.example.org"], allow_loopback=allow_loopback),
        clock=now,
        timeout_s=timeout_s,
    )
    async with channel.open():
        yield channel


async def test_only_the_page_that_subscribed_reads_the_message(
    service: PushService, message: PushMessage, tmp_path: Path
) -> None:
    address = service.subscribe("phone")
    async with opened(tmp_path) as channel:
        outcome = await channel.send(message, address)

    assert outcome.became is Became.ACCEPTED
    (received,) = service.phones["phone"].received
    assert received.data == message.data()
    assert set(received.data) == {"kind", "id", "at"}
    assert received.contact == CONTACT


async def test_the_service_is_told_how_urgent_and_how_long_and_what_it_replaces(
    service: PushService, message: PushMessage, tmp_path: Path
) -> None:
    async with opened(tmp_path) as channel:
        await channel.send(message, service.subscribe("phone"))

    headers = service.phones["phone"].received[0].headers
    assert headers["Urgency"] == "high"
    assert headers["TTL"] == str(message.ttl_s)
    assert headers["Topic"] == message.id.hex


@pytest.mark.parametrize(
    ("name", "became"),
    [
        ("lost", Became.GONE),
        ("gone", Became.GONE),
        ("big", Became.REFUSED),
        ("busy", Became.LATER),
        ("broken", Became.LATER),
        ("forbidden", Became.LATER),
        ("moved", Became.LATER),
        ("cut", Became.LATER),
    ],
)
async def test_each_answer_becomes_an_outcome(
    service: PushService, message: PushMessage, tmp_path: Path, name: str, became: Became
) -> None:
    async with opened(tmp_path) as channel, asyncio.timeout(LIMIT_S):
        outcome = await channel.send(message, service.subscribe(name))

    assert outcome.became is became
    assert service.attempts[name] == 1
    assert service.attempts["trap"] == 0, "a redirect was followed"


async def test_a_busy_service_says_how_long_to_wait(
    service: PushService, message: PushMessage, tmp_path: Path
) -> None:
    async with opened(tmp_path) as channel:
        outcome = await channel.send(message, service.subscribe("busy"))

    assert outcome.pause == timedelta(seconds=BUSY_RETRY_AFTER_S)


async def test_a_service_that_never_answers_is_given_up_in_time(
    service: PushService, message: PushMessage, tmp_path: Path
) -> None:
    async with opened(tmp_path, timeout_s=0.2) as channel, asyncio.timeout(LIMIT_S):
        outcome = await channel.send(message, service.subscribe("hang"))

    assert outcome.became is Became.LATER


async def test_no_address_outside_the_list_is_called(
    service: PushService, message: PushMessage, tmp_path: Path
) -> None:
    address = service.subscribe("phone")
    async with opened(tmp_path, allow_loopback=False) as channel:
        with pytest.raises(BadPushAddress):
            await channel.send(message, address)

    assert service.attempts["phone"] == 0


async def test_a_channel_that_is_not_open_loses_nothing(
    service: PushService, message: PushMessage, tmp_path: Path
) -> None:
    async with opened(tmp_path) as channel:
        pass

    outcome = await channel.send(message, service.subscribe("phone"))

    assert outcome.became is Became.LATER


async def test_the_longest_payload_makes_the_longest_body_a_service_must_take(
    service: PushService,
) -> None:
    address = service.subscribe("phone")

    assert len(encrypted(b"x" * LONGEST_PAYLOAD, address)) == LONGEST_BODY
    with pytest.raises(ValueError, match="at most 3993"):
        encrypted(b"x" * (LONGEST_PAYLOAD + 1), address)
