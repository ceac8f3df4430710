"""A short form of `benchmarks/fuzz.py`: hostile peers hurt nobody but themselves."""

import asyncio
import logging
import random
from uuid import uuid4

import pytest

from domain.errors import DomainError
from domain.streams import BadSessionDescription
from tests.component.webrtc.hostile import Descriptions, Packets
from tests.component.webrtc.hostile_peer import HostilePeer
from tests.component.webrtc.peers import hurry, new_stream, publishing, running, until, watching
from webrtc.metrics import value
from webrtc.offers import Offer, check_fragment, check_offer

DESCRIPTIONS, NEGOTIATED = 3000, 24
PACKETS = 1500


def checked(body: bytes, *, we_send: bool) -> Offer | None:
    try:
        return check_offer(body, we_send=we_send)
    except BadSessionDescription:
        return None


async def test_hostile_offers_are_refused_or_negotiated_and_leave_nothing_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    descriptions, stream = Descriptions(random.Random(1)), new_stream()
    usable: list[tuple[bytes, bool]] = []
    for number in range(DESCRIPTIONS):
        body, we_send = descriptions.offer(), bool(number % 2)
        if checked(body, we_send=we_send) is not None:
            usable.append((body, we_send))
    assert len(usable) > NEGOTIATED

    async with running() as service, publishing(service, stream) as publisher:
        hurry(service, connect_within_s=0.5)
        before = len(asyncio.all_tasks())
        for body, we_send in random.Random(2).sample(usable, NEGOTIATED):
            try:
                if we_send:
                    await service.watch(stream, uuid4(), body)
                else:
                    await service.publish(new_stream(), uuid4(), body)
            except DomainError:
                continue
        await until(lambda: len(service._sessions) == 1)
        await until(lambda: len(asyncio.all_tasks()) <= before)

        session: object = publisher.session
        assert service.relay.get(stream).publisher is session
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


def test_hostile_fragments_are_refused_or_read() -> None:
    descriptions = Descriptions(random.Random(3))
    read = 0
    for _ in range(DESCRIPTIONS):
        try:
            check_fragment(descriptions.fragment())
        except BadSessionDescription:
            continue
        read += 1

    assert 0 < read < DESCRIPTIONS


async def test_hostile_packets_end_no_session_but_their_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chance, stream, other = random.Random(4), new_stream(), new_stream()
    async with (
        running() as service,
        publishing(service, stream) as publisher,
        watching(service, stream) as viewer,
    ):
        await viewer.frame()
        sender, listener = HostilePeer(publishes=True), HostilePeer(publishes=False)

        async def publish(offer: bytes) -> str:
            return (await service.publish(other, uuid4(), offer)).answer.result()

        async def watch(offer: bytes) -> str:
            return (await service.watch(stream, uuid4(), offer)).answer.result()

        await sender.connect(publish)
        await listener.connect(watch)
        packets = Packets(chance, payload_types=sender.payload_types)
        packets.ssrcs += [service.relay.get(stream).video.ssrc, chance.randrange(2**32)]
        taken = value(service.metrics.packets_in)
        for _ in range(PACKETS):
            sender.send_rtp(packets.rtp())
            sender.send_rtcp(packets.rtcp())
            listener.send_rtcp(packets.rtcp())
            listener.send_rtp(packets.rtp())
            sender.send(packets.datagram())
            listener.send(packets.datagram())
            await asyncio.sleep(0)  # the service's turn
        for _ in range(5):
            await viewer.frame()

        sessions: list[object] = [publisher.session, viewer.session]
        assert service.relay.get(stream).publisher is sessions[0]
        assert sessions[1] in list(service.relay.get(stream).viewers)
        assert value(service.metrics.packets_in) - taken > PACKETS / 4  # much of it got far
        await sender.close()
        await listener.close()
    errors = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert [record.getMessage() for record in errors] == []
