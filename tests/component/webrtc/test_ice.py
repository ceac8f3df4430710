"""Where peers are told to find us: addresses, ports, and what happens when none is left."""

import socket
from uuid import uuid4

import pytest

from domain.errors import Unavailable
from tests.component.webrtc.peers import new_stream
from tests.component.webrtc.test_offers import OFFER
from tests.ports import free_port
from webrtc.ice import IceAddresses
from webrtc.metrics import Metrics
from webrtc.offers import check_offer
from webrtc.port import Port
from webrtc.publisher import PublisherSession
from webrtc.relay import Relay
from webrtc.signalling import SessionLimits


async def answered(addresses: IceAddresses) -> list[list[str]]:
    """The candidates of an answer, each cut at its spaces; the session has ended by then."""
    metrics = Metrics()
    port = Port(addresses.port, metrics=metrics)
    session = PublisherSession(
        uuid4(),
        Relay(metrics=metrics).open_for_device(new_stream()),
        metrics=metrics,
        limits=SessionLimits(addresses=addresses, connect_within_s=0.05),
        port=port,
        published=lambda session: None,
    )
    try:
        await session.run(check_offer(OFFER, we_send=False))
    finally:
        port.close()
    lines = session.answer.result().split("\r\n")
    return [line.split() for line in lines if line.startswith("a=candidate:")]


async def test_the_port_is_the_one_that_is_set_and_the_announced_address_shares_it() -> None:
    port = free_port()
    addresses = IceAddresses(bind=("127.0.0.1",), announced=("198.51.100.7",), port=port)
    candidates = await answered(addresses)

    assert {(each[4], each[5]) for each in candidates} == {
        ("127.0.0.1", str(port)),
        ("198.51.100.7", str(port)),
    }


async def test_the_loopback_is_offered_last_and_only_if_asked_for() -> None:
    candidates = await answered(IceAddresses(loopback=True))
    by_priority = sorted(candidates, key=lambda each: int(each[3]))

    assert by_priority[0][4] == "127.0.0.1"
    assert "127.0.0.1" not in IceAddresses(bind=("192.0.2.1",)).local()


async def test_a_port_that_is_taken_is_said_and_not_an_error_of_the_offer() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match="no UDP port"):
            await answered(IceAddresses(bind=("127.0.0.1",), port=port))


async def test_an_address_that_is_not_ours_is_left_out() -> None:
    candidates = await answered(IceAddresses(bind=("192.0.2.1", "127.0.0.1")))

    assert {each[4] for each in candidates} == {"127.0.0.1"}
