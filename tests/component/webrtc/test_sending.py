"""One viewer's path: packets protected and sent, with the kernel's segmentation and without."""

import random
import socket
from types import SimpleNamespace
from typing import Any

import pytest
from pylibsrtp import Policy, Session

from webrtc import internals, sending
from webrtc.history import OutputPacket


def packet(sequence: int, size: int) -> OutputPacket:
    return OutputPacket(sequence, 0, False, bytes(size))


class Wire:
    """Receives what a path sends, and undoes nothing: packets are protected."""

    def __init__(self) -> None:
        self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.receiver.bind(("127.0.0.1", 0))
        self.receiver.settimeout(2)
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.setblocking(False)

    def close(self) -> None:
        self.receiver.close()
        self.sender.close()


def path_over(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> tuple[sending.Path, Any]:
    """A path with real SRTP keys; only ICE and DTLS are left out."""
    profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
    keys = {"key": bytes(range(28)), "srtp_profile": profile}
    ours = Session(Policy(ssrc_type=Policy.SSRC_ANY_OUTBOUND, **keys))
    theirs = Session(Policy(ssrc_type=Policy.SSRC_ANY_INBOUND, **keys))
    listener = SimpleNamespace(sender=wire.sender.dup)
    pair = SimpleNamespace(
        remote_addr=wire.receiver.getsockname(), protocol=SimpleNamespace(listener=listener)
    )
    monkeypatch.setattr(internals, "srtp_session", lambda dtls: ours)
    monkeypatch.setattr(internals, "srtp_keys", lambda dtls, session: (session._srtp[0], 16))
    monkeypatch.setattr(internals, "nominated_pair", lambda dtls: pair)
    return sending.Path(SimpleNamespace()), theirs  # type: ignore[arg-type]  # never looked into


@pytest.mark.parametrize("segmentation", [True, False])
def test_each_packet_arrives_whole_protected_and_in_order(
    segmentation: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, wire = random.Random(7), Wire()
    path, theirs = path_over(wire, monkeypatch)
    path._segmentation = segmentation
    sizes = [1200] * 20 + [300] + [1100, 1101, 1101, 900] + [0, 5] + [1200] * 60
    packets = [
        OutputPacket(500 + i, 90 * i, i % 3 == 0, chance.randbytes(size))
        for i, size in enumerate(sizes)
    ]
    for burst in sending.bursts(packets, ssrc=77):
        assert path.send(burst, 96) == 0
        for sent in burst.packets:
            plain = theirs.unprotect(wire.receiver.recv(2000))
            header = sending.rtp_header(96, sent.sequence, sent.timestamp, 77, sent.marker)
            assert plain == header + sent.payload
    path.close()
    wire.close()


def test_a_path_that_cannot_segment_sends_each_packet_for_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = Wire()
    path, _ = path_over(wire, monkeypatch)
    burst = sending.Burst([packet(1, 1200), packet(2, 1200)], ssrc=1)
    monkeypatch.setattr(sending, "_UDP_SEGMENT", 9999)  # a kernel that does not know it
    assert path.send(burst, 96) == 0
    assert path._segmentation is False
    assert [len(wire.receiver.recv(2000)) for _ in range(2)] == [1228, 1228]
    path.close()
    wire.close()


def test_a_full_socket_drops_and_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire()
    path, _ = path_over(wire, monkeypatch)

    class Full:
        def sendmsg(self, *rest: object) -> int:
            raise BlockingIOError

        sendto = sendmsg

        def close(self) -> None: ...

    burst = sending.Burst([packet(i, 1200) for i in range(10)] + [packet(10, 50)], ssrc=1)
    path.send(burst, 96)
    path.close()
    path._socket = Full()  # type: ignore[assignment]  # a socket whose buffer is full

    assert path.send(burst, 96) == 11
    wire.close()
