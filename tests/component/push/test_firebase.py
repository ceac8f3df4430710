"""The real firebase-admin against a server that speaks the FCM HTTP v1 contract."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from push.channels import BadPushAddress, Became
from push.firebase import FirebaseChannel
from push.messages import PushMessage
from tests.servers.fcm import QUOTA_RETRY_AFTER_S, Fcm

LIMIT_S = 60.0


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened(fcm: Fcm, *, timeout_s: float = LIMIT_S) -> AsyncIterator[FirebaseChannel]:
    channel = FirebaseChannel(account=fcm.account, endpoint=fcm.url, clock=now, timeout_s=timeout_s)
    async with channel.open():
        yield channel


@pytest.mark.parametrize("address", [{"fid": "f1"}, {"token": "t1"}])
async def test_an_app_is_reached_by_installation_id_and_by_token(
    fcm: Fcm, message: PushMessage, address: dict[str, str]
) -> None:
    async with opened(fcm) as channel:
        outcome = await channel.send(message, address)

    assert outcome.became is Became.ACCEPTED
    (sent,) = fcm.messages
    assert sent["data"] == message.data()
    assert address.items() <= sent.items()
    assert sent["android"]["priority"] == "high"
    assert sent["apns"]["headers"]["apns-priority"] == "10"


async def test_nothing_but_an_id_a_kind_and_a_time_travels(fcm: Fcm, message: PushMessage) -> None:
    async with opened(fcm) as channel:
        await channel.send(message, {"fid": "f1"})

    (sent,) = fcm.messages
    assert set(sent) == {"fid", "data", "android", "apns"}
    assert set(sent["data"]) == {"kind", "id", "at"}
    texts = sent["android"]["notification"]
    assert "title" not in texts
    assert "body" not in texts


@pytest.mark.parametrize(
    ("address", "became", "attempts"),
    [
        ("unreg", Became.GONE, 1),
        ("mismatch", Became.GONE, 1),
        ("badarg", Became.REFUSED, 1),
        ("thirdparty", Became.LATER, 3),
        ("quota", Became.LATER, 1),
        ("cut", Became.LATER, 1),
        ("html", Became.LATER, 1),
        ("notjson", Became.LATER, 1),
        ("flaky", Became.ACCEPTED, 3),
    ],
)
async def test_each_answer_becomes_an_outcome(
    fcm: Fcm, message: PushMessage, address: str, became: Became, attempts: int
) -> None:
    async with opened(fcm) as channel, asyncio.timeout(LIMIT_S):
        outcome = await channel.send(message, {"fid": address})

    assert outcome.became is became
    assert fcm.attempts[address] == attempts


async def test_a_quota_says_how_long_to_wait(fcm: Fcm, message: PushMessage) -> None:
    async with opened(fcm) as channel:
        outcome = await channel.send(message, {"fid": "quota"})

    assert outcome.pause == timedelta(seconds=QUOTA_RETRY_AFTER_S)


async def test_a_service_that_never_answers_is_given_up_in_time(
    fcm: Fcm, message: PushMessage
) -> None:
    async with opened(fcm, timeout_s=0.2) as channel, asyncio.timeout(LIMIT_S):
        outcome = await channel.send(message, {"fid": "hang"})

    assert outcome.became is Became.LATER


async def test_one_unreadable_answer_costs_the_other_messages_nothing(
    fcm: Fcm, message: PushMessage
) -> None:
    addresses = ["ok-1", "notjson", "ok-2", "unreg", "ok-3"]
    async with opened(fcm) as channel:
        outcomes = await asyncio.gather(
            *[channel.send(message, {"fid": address}) for address in addresses]
        )

    became = [outcome.became for outcome in outcomes]
    taken, later, gone = Became.ACCEPTED, Became.LATER, Became.GONE
    assert became == [taken, later, taken, gone, taken]


async def test_a_token_endpoint_that_hangs_stops_nothing_else(
    fcm: Fcm, message: PushMessage
) -> None:
    fcm.token_hangs = True
    async with opened(fcm, timeout_s=0.5) as channel, asyncio.timeout(LIMIT_S):
        sending = asyncio.create_task(channel.send(message, {"fid": "f1"}))
        await fcm.token_asked.wait()
        # The server, this test and the message share this loop: that the next line is reached
        # while the token request hangs is the proof.
        still_waiting = not sending.done()
        fcm.closing.set()
        fcm.token_hangs = False
        outcome = await sending

    assert still_waiting
    assert outcome.became in (Became.ACCEPTED, Became.LATER)


async def test_hundreds_of_messages_ask_for_one_token(fcm: Fcm, message: PushMessage) -> None:
    async with opened(fcm) as channel, asyncio.timeout(LIMIT_S):
        outcomes = await asyncio.gather(
            *[channel.send(message, {"fid": f"f-{n}"}) for n in range(200)]
        )

    assert {outcome.became for outcome in outcomes} == {Became.ACCEPTED}
    assert fcm.tokens_given == 1


async def test_a_channel_that_is_not_open_loses_nothing(fcm: Fcm, message: PushMessage) -> None:
    channel = FirebaseChannel(account=fcm.account, endpoint=fcm.url, clock=now)

    outcome = await channel.send(message, {"fid": "f1"})

    assert outcome.became is Became.LATER


async def test_it_opens_again_after_it_closed(fcm: Fcm, message: PushMessage) -> None:
    channel = FirebaseChannel(account=fcm.account, endpoint=fcm.url, clock=now)
    for _ in range(2):
        async with channel.open():
            assert (await channel.send(message, {"fid": "f1"})).became is Became.ACCEPTED


@pytest.mark.parametrize("address", [{}, {"fid": ""}, {"fid": "a", "token": "b"}, {"x": "y"}])
async def test_an_address_is_one_token_or_one_id(fcm: Fcm, address: dict[str, str]) -> None:
    channel = FirebaseChannel(account=fcm.account, endpoint=fcm.url, clock=now)

    with pytest.raises(BadPushAddress):
        channel.check(address)
