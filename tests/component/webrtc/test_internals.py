"""What the relay asks of the insides of its libraries, and that they are as it expects."""

import ast
import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc import RTCDtlsTransport
from aiortc.rtp import RtcpPacket, RtcpRtpfbPacket, RtcpSenderInfo, RtcpSrPacket

from webrtc import internals
from webrtc.internals import checked
from webrtc.loss import Missing


async def test_what_is_missing_around_the_wrap_can_be_asked_for() -> None:
    asked: list[bytes] = []

    async def send_nack(ssrc: int, lost: list[int]) -> None:
        asked.append(bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=ssrc, lost=lost)))

    receiver: Any = SimpleNamespace(_send_rtcp_nack=send_nack)
    missing = Missing()
    missing.saw(65533, 0.0)
    await internals.ask_again(receiver, 7, missing.saw(2, 0.0))

    (packet,) = RtcpPacket.parse(asked[0])
    assert isinstance(packet, RtcpRtpfbPacket)
    assert sorted(packet.lost) == [0, 1, 65534, 65535]


async def test_sender_reports_come_soon_and_then_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    sender = SimpleNamespace()
    now_s = 100.0

    async def stock(packets: list[Any]) -> None:
        sent.append(packets[0].sender_info)

    async def second_passes() -> None:
        nonlocal now_s
        now_s += 1.0
        info = RtcpSenderInfo(ntp_timestamp=0, rtp_timestamp=0, packet_count=0, octet_count=0)
        await sender._send_rtcp([RtcpSrPacket(ssrc=1, sender_info=info)])

    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    sender._send_rtcp = stock
    internals.fill_reports(sender, lambda: (7 << 32, 90, 3, 2**32 + 5))  # type: ignore[arg-type]  # what it uses of one
    for _ in range(9):
        await second_passes()

    assert len(sent) == 3 + 3
    assert (sent[0].ntp_timestamp, sent[0].packet_count, sent[0].octet_count) == (7 << 32, 3, 5)
    assert sender._RTCRtpSender__lsr == 7 << 16


def test_the_installed_libraries_are_those_the_relay_was_written_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    internals.assert_internals()
    monkeypatch.setitem(internals.TESTED, "aiortc", "9.9.")
    with pytest.raises(internals.IncompatibleLibrary, match=r"aiortc .* was tested with 9\.9\.x"):
        internals.assert_internals()


def test_every_private_name_that_is_used_is_asserted() -> None:
    used = {
        node.attr
        for path in Path(internals.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr)
    }

    assert used <= set(" ".join(checked.NEEDED.values()).split())


def test_a_name_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(checked.NEEDED, RTCDtlsTransport, "_tx_srtp _moved")
    with pytest.raises(internals.IncompatibleLibrary) as refused:
        internals.assert_internals()

    assert str(refused.value) == "RTCDtlsTransport._moved is gone"
