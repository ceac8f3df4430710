"""Publishers: RTP before it is decoded, and what is said to them by RTCP."""

from collections.abc import Awaitable, Callable
from typing import Protocol, cast

from aiortc import RTCRtpReceiver
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import StreamStatistics

from webrtc.internals.checked import private


def take_rtp(dtls: RTCDtlsTransport, handle: Callable[[bytes], Awaitable[None]]) -> None:
    """Hand each RTP packet, its protection removed, to ``handle`` instead of aiortc's parser."""

    async def handle_data(data: bytes, arrival_time_ms: int) -> None:
        await handle(data)

    private(dtls)._handle_rtp_data = handle_data


def route_rtcp(dtls: RTCDtlsTransport, ssrc: int, receiver: RTCRtpReceiver | None) -> None:
    """Let ``receiver`` hear the sender reports of ``ssrc``; None: nobody any more."""
    table = private(dtls)._rtp_router.ssrc_table
    if receiver is not None:
        table[ssrc] = receiver
    else:
        table.pop(ssrc, None)


def rtcp_ssrc(receiver: RTCRtpReceiver) -> int:
    """Under which we send RTCP about what ``receiver`` receives."""
    return cast(int, private(receiver)._RTCRtpReceiver__rtcp_ssrc)


async def send_rtcp(dtls: RTCDtlsTransport, packets: list[bytes]) -> None:
    """Each in a datagram of its own; nothing if the connection is over."""
    for packet in packets:
        try:
            await private(dtls)._send_rtp(packet)
        except ConnectionError:
            return


class Numbered(Protocol):
    @property
    def sequence_number(self) -> int: ...
    @property
    def timestamp(self) -> int: ...


class Received(StreamStatistics):
    """Counts what receiver reports tell, kept to what their fields hold.

    aiortc's grows over 32 bits on hostile timestamps, and the reports then end for good.
    """

    @property
    def jitter(self) -> int:
        return min(super().jitter, 0xFFFFFFFF)


def count_received(statistics: StreamStatistics, packet: Numbered) -> None:
    statistics.add(private(packet))  # of a packet it reads these two


def report_statistics(receiver: RTCRtpReceiver) -> dict[int, StreamStatistics]:
    """Per SSRC, what aiortc's receiver reports are made of; the one who takes RTP fills it."""
    return cast(dict[int, StreamStatistics], private(receiver)._RTCRtpReceiver__remote_streams)


def end_decoder(receiver: RTCRtpReceiver) -> None:
    """End the idle decoder thread that `RTCRtpReceiver.receive` has started."""
    private(receiver)._RTCRtpReceiver__decoder_queue.put(None)


def count_decodes(receiver: RTCRtpReceiver, count: Callable[[], None]) -> None:
    """Call ``count`` for each frame given to this receiver's decoder: never, if the relay is right.

    The decoder's queue is the only way to it.
    """
    queue = private(receiver)._RTCRtpReceiver__decoder_queue
    stock = queue.put

    def put(task: object) -> None:
        if task is not None:
            count()
        stock(task)

    queue.put = put


async def ask_keyframe(receiver: RTCRtpReceiver, ssrc: int) -> None:
    await private(receiver)._send_rtcp_pli(ssrc)


async def ask_again(receiver: RTCRtpReceiver, ssrc: int, lost: list[int]) -> None:
    # Sorted: aiortc raises on numbers that fall, as those around the wrap do.
    await private(receiver)._send_rtcp_nack(ssrc, sorted(lost))
