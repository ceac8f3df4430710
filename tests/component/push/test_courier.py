"""The courier with real channels and local push services; the table it reads is in memory."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from push.addresses import Addresses
from push.channels import (
    ACCEPTED,
    BadPushAddress,
    Channel,
    ChannelOff,
    ChannelStatus,
    Off,
    Outcome,
    PushRefused,
)
from push.courier import Courier
from push.firebase import FirebaseChannel
from push.messages import PushMessage
from push.outgoing import ChannelName, Delivery
from push.vapid import vapid_key
from push.web_push import WebPushChannel
from tests.fakes.push import FakeOutgoing
from tests.servers.fcm import QUOTA_RETRY_AFTER_S, Fcm
from tests.servers.push_service import BUSY_RETRY_AFTER_S, PushService

LIMIT_S, HANGS_AFTER_S = 60.0, 0.5
REPEAT_AFTER = timedelta(milliseconds=50)


def now() -> datetime:
    return datetime.now(UTC)


def delivery(
    channel: ChannelName | None,
    address: Mapping[str, str],
    *,
    lifetime: timedelta = timedelta(minutes=15),
) -> Delivery:
    return Delivery(
        id=uuid4(),
        device_id=uuid4(),
        about_kind="alert",
        about_id=uuid4(),
        channel=channel,
        address=address,
        attempts=0,
        sent_at=now(),
        expires_at=now() + lifetime,
    )


def web_push(folder: Path, *, timeout_s: float = LIMIT_S) -> WebPushChannel:
    """``timeout_s``: short for a service that hangs alone, so that no other may seem to."""
    return WebPushChannel(
        key=vapid_key(folder),
        contact="mailto:csu@example.org",
        addresses=Addresses(hosts=[], allow_loopback=True),
        clock=now,
        timeout_s=timeout_s,
    )


def firebase(fcm: Fcm, *, timeout_s: float = LIMIT_S) -> FirebaseChannel:
    """As ``web_push``."""
    return FirebaseChannel(account=fcm.account, endpoint=fcm.url, clock=now, timeout_s=timeout_s)


@asynccontextmanager
async def running(
    outgoing: FakeOutgoing,
    channels: Mapping[ChannelName, Channel],
    *,
    repeat_after: timedelta = timedelta(minutes=5),
) -> AsyncIterator[Courier]:
    courier = Courier(
        outgoing=outgoing,
        channels=channels,
        clock=now,
        repeat_after=repeat_after,
        poll_s=0.02,
    )
    task = asyncio.create_task(courier.run())
    try:
        async with asyncio.timeout(LIMIT_S):
            await outgoing.asked.wait()
            yield courier
    finally:
        task.cancel()
        await asyncio.wait({task})


def tried(outgoing: FakeOutgoing) -> Callable[[], bool]:
    return lambda: all(row.log for row in outgoing.rows.values())


async def test_every_outcome_of_web_push_is_written_down(
    service: PushService, tmp_path: Path
) -> None:
    outgoing, expected = FakeOutgoing(), {}
    for name, log, state in [
        ("phone", "accepted", "due"),
        ("gone", "given up", "failed"),
        ("lost", "given up", "failed"),
        ("big", "given up", "failed"),
        ("busy", "failed", "due"),
        ("broken", "failed", "due"),
        ("cut", "failed", "due"),
    ]:
        one = delivery("web-push", service.subscribe(name))
        outgoing.add(one, due_at=now())
        expected[one.id] = (log, state)

    async with running(outgoing, {"web-push": web_push(tmp_path)}):
        await outgoing.wait_until(tried(outgoing))

    seen = {key: (row.log[0], row.state) for key, row in outgoing.rows.items()}
    assert seen == expected
    assert len(outgoing.dropped) == 2, "a 404 and a 410 end a subscription"

    hangs = FakeOutgoing()
    hangs.add(delivery("web-push", service.subscribe("hang")), due_at=now())
    async with running(hangs, {"web-push": web_push(tmp_path, timeout_s=HANGS_AFTER_S)}):
        await hangs.wait_until(tried(hangs))
    assert [(row.log[0], row.state) for row in hangs.rows.values()] == [("failed", "due")]


async def test_every_outcome_of_firebase_is_written_down_and_nothing_is_shown_twice(
    fcm: Fcm,
) -> None:
    outgoing, expected = FakeOutgoing(), {}
    for name, log, state in [
        ("ok", "accepted", "due"),
        ("flaky", "accepted", "due"),
        ("unreg", "given up", "failed"),
        ("badarg", "given up", "failed"),
        ("quota", "failed", "due"),
        ("cut", "failed", "due"),
        ("notjson", "failed", "due"),
        ("html", "failed", "due"),
    ]:
        one = delivery("firebase", {"fid": name})
        outgoing.add(one, due_at=now())
        expected[one.id] = (log, state)

    async with running(outgoing, {"firebase": firebase(fcm)}):
        await outgoing.wait_until(tried(outgoing))

    seen = {key: (row.log[0], row.state) for key, row in outgoing.rows.items()}
    assert seen == expected
    assert all(len(fcm.shown(address)) == 1 for address in ("ok", "flaky", "notjson"))

    hangs = FakeOutgoing()
    hangs.add(delivery("firebase", {"fid": "hang"}), due_at=now())
    async with running(hangs, {"firebase": firebase(fcm, timeout_s=HANGS_AFTER_S)}):
        await hangs.wait_until(tried(hangs))
    assert [(row.log[0], row.state) for row in hangs.rows.values()] == [("failed", "due")]


async def test_a_message_rings_until_somebody_answers_and_is_shown_once(
    service: PushService, tmp_path: Path
) -> None:
    outgoing = FakeOutgoing()
    one = delivery("web-push", service.subscribe("phone"))
    outgoing.add(one, due_at=now())

    channels: dict[ChannelName, Channel] = {"web-push": web_push(tmp_path)}
    async with running(outgoing, channels, repeat_after=REPEAT_AFTER) as courier:
        await service.wait_for("phone", times=3)
        outgoing.answered.add(one.about_id)
        courier.wake()
        await outgoing.wait_until(lambda: outgoing.rows[one.id].state == "arrived")

    assert outgoing.rows[one.id].state == "arrived"
    assert service.phones["phone"].shown == [str(one.about_id)]


async def test_a_message_that_nobody_answers_is_given_up_aloud(
    service: PushService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outgoing = FakeOutgoing()
    one = delivery("web-push", service.subscribe("phone"), lifetime=timedelta(milliseconds=100))
    outgoing.add(one, due_at=now())

    with caplog.at_level(logging.WARNING):
        channels: dict[ChannelName, Channel] = {"web-push": web_push(tmp_path)}
        async with running(outgoing, channels, repeat_after=REPEAT_AFTER):
            await outgoing.wait_until(lambda: outgoing.rows[one.id].state == "expired")

    assert "nobody answered" in caplog.text
    assert str(one.about_id) in caplog.text


async def test_what_a_service_asks_for_is_how_long_it_waits(
    service: PushService, fcm: Fcm, tmp_path: Path
) -> None:
    outgoing = FakeOutgoing()
    busy = delivery("web-push", service.subscribe("busy"))
    quota = delivery("firebase", {"fid": "quota"})
    before = now()
    for one in (busy, quota):
        outgoing.add(one, due_at=now())
    channels: dict[ChannelName, Channel] = {
        "web-push": web_push(tmp_path),
        "firebase": firebase(fcm),
    }

    async with running(outgoing, channels):
        await outgoing.wait_until(tried(outgoing))

    assert outgoing.rows[busy.id].due_at >= before + timedelta(seconds=BUSY_RETRY_AFTER_S)
    assert outgoing.rows[quota.id].due_at >= before + timedelta(seconds=QUOTA_RETRY_AFTER_S)


async def test_one_that_failed_is_tried_again_and_arrives(
    service: PushService, tmp_path: Path
) -> None:
    outgoing = FakeOutgoing()
    one = delivery("web-push", service.subscribe("flaky"))
    outgoing.add(one, due_at=now())

    async with running(outgoing, {"web-push": web_push(tmp_path)}):
        await service.wait_for("flaky", times=1)
        await outgoing.wait_until(lambda: len(outgoing.rows[one.id].log) == 2)

    assert outgoing.rows[one.id].log == ["failed", "accepted"]


async def test_a_service_that_hangs_does_not_hold_up_the_others(
    service: PushService, tmp_path: Path
) -> None:
    outgoing = FakeOutgoing()
    outgoing.add(delivery("web-push", service.subscribe("hang")), due_at=now())

    async with running(outgoing, {"web-push": web_push(tmp_path)}) as courier:
        await service.wait_for_attempt("hang")
        outgoing.add(delivery("web-push", service.subscribe("phone")), due_at=now())
        courier.wake()
        received = await service.wait_for("phone", times=1)
        service.closing.set()

    assert len(received) == 1


async def test_a_channel_that_is_off_says_why_and_the_other_works(
    service: PushService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outgoing = FakeOutgoing()
    off, on = delivery("firebase", {"fid": "f"}), delivery("web-push", service.subscribe("phone"))
    nowhere = delivery(None, {})
    for one in (off, on, nowhere):
        outgoing.add(one, due_at=now())
    channels: dict[ChannelName, Channel] = {
        "web-push": web_push(tmp_path),
        "firebase": Off("no service account"),
    }

    caplog.set_level(logging.INFO)
    async with running(outgoing, channels) as courier:
        await outgoing.wait_until(tried(outgoing))
        statuses = courier.channels()

    assert statuses["web-push"].on
    assert statuses["firebase"] == ChannelStatus(on=False, reason="no service account")
    assert [outgoing.rows[one.id].state for one in (off, on, nowhere)] == [
        "failed",
        "due",
        "failed",
    ]
    assert "no service account" in caplog.text
    assert "no push address" in caplog.text


async def test_an_address_that_is_no_longer_allowed_is_not_called(
    service: PushService, tmp_path: Path
) -> None:
    outgoing = FakeOutgoing()
    address = service.subscribe("phone") | {"endpoint": "https://intranet.example.org/admin"}
    one = delivery("web-push", address)
    outgoing.add(one, due_at=now())

    async with running(outgoing, {"web-push": web_push(tmp_path)}):
        await outgoing.wait_until(tried(outgoing))

    assert outgoing.rows[one.id].state == "failed"


async def test_a_database_that_restarts_costs_no_message_and_no_outcome(
    service: PushService, tmp_path: Path
) -> None:
    outgoing = FakeOutgoing()
    outgoing.unavailable = 2
    one = delivery("web-push", service.subscribe("phone"))
    outgoing.add(one, due_at=now())

    async with running(outgoing, {"web-push": web_push(tmp_path)}):
        await service.wait_for("phone", times=1)
        outgoing.unavailable = 1
        await outgoing.wait_until(tried(outgoing))

    assert outgoing.rows[one.id].log == ["accepted"]


class Broken:
    """A channel with a mistake in it, for one message."""

    status = ChannelStatus(on=True)

    def __init__(self, breaks_on: UUID) -> None:
        self._breaks_on = breaks_on

    def check(self, address: Mapping[str, str]) -> None:
        raise BadPushAddress("never")

    def open(self) -> nullcontext[None]:
        return nullcontext()

    async def send(self, message: PushMessage, address: Mapping[str, str]) -> Outcome:
        if message.id == self._breaks_on:
            raise ZeroDivisionError
        return ACCEPTED


async def test_a_mistake_of_ours_with_one_message_does_not_silence_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outgoing = FakeOutgoing()
    bad, good = delivery("web-push", {}), delivery("web-push", {})
    for one in (bad, good):
        outgoing.add(one, due_at=now())

    async with running(outgoing, {"web-push": Broken(bad.about_id)}):
        await outgoing.wait_until(lambda: bool(outgoing.rows[good.id].log))

    assert outgoing.rows[good.id].log == ["accepted"]
    assert "failed in our own code" in caplog.text


async def test_a_phone_can_ask_for_a_test_message(service: PushService, tmp_path: Path) -> None:
    channels: dict[ChannelName, Channel] = {"web-push": web_push(tmp_path), "firebase": Off("no")}
    async with running(FakeOutgoing(), channels) as courier:
        await courier.test("web-push", service.subscribe("phone"))
        with pytest.raises(PushRefused, match="HTTP 410"):
            await courier.test("web-push", service.subscribe("gone"))
        with pytest.raises(ChannelOff):
            await courier.test("firebase", {"fid": "f"})
        with pytest.raises(BadPushAddress):
            courier.check_address("web-push", {"endpoint": "http://10.0.0.1/"})

    assert service.phones["phone"].received[0].data["kind"] == "test"


async def test_what_is_on_its_way_at_shutdown_is_finished(
    service: PushService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("push.courier.FINISHING_S", LIMIT_S)
    outgoing = FakeOutgoing()
    one = delivery("web-push", service.subscribe("hang"))
    outgoing.add(one, due_at=now())
    channels: dict[ChannelName, Channel] = {"web-push": web_push(tmp_path, timeout_s=HANGS_AFTER_S)}
    courier = Courier(outgoing=outgoing, channels=channels, clock=now, poll_s=0.02)
    task = asyncio.create_task(courier.run())
    async with asyncio.timeout(LIMIT_S):
        await service.wait_for_attempt("hang")
        task.cancel()
        await asyncio.wait({task})

    assert task.cancelled()
    assert outgoing.rows[one.id].log[:1] == ["failed"]
