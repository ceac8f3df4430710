"""FFmpeg's RTP, in odd forms, is understood: a packetiser and encoders that are not ours."""

import socket
from fractions import Fraction

import av
import pytest
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from domain.streams import Codec
from tests.component.webrtc.peers import luma_of, picture
from webrtc.codecs import DECODERS, access_unit
from webrtc.rtsp_client.description import Described
from webrtc.rtsp_client.pictures import Bounds, Pictures

COUNT = 20


def sent(encoder: str, options: dict[str, str], packet_bytes: int) -> list[bytes]:
    """The packets of as many pictures, each brighter, 320x240."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        port = receiver.getsockname()[1]
        url = f"rtp://127.0.0.1:{port}?pkt_size={packet_bytes}"
        packets = []
        with av.open(url, "w", format="rtp") as container:
            stream = container.add_stream(encoder, rate=25)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
            stream.options = {"preset": "ultrafast", "tune": "zerolatency", **options}
            for number in range(COUNT):
                frame = picture(40 + 8 * number)
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(stream.encode(frame))
                packets += _waiting(receiver)
            container.mux(stream.encode(None))
            packets += _waiting(receiver)
    return [each for each in packets if not 72 <= each[1] & 0x7F <= 79]  # RTCP, by RFC 5761


def _waiting(receiver: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(receiver.recv(65_536))
        except BlockingIOError:
            return found


@pytest.mark.parametrize(
    ("encoder", "options", "packet_bytes"),
    [
        ("libx264", {"x264-params": "slices=4:keyint=10"}, 1472),
        ("libx264", {"x264-params": "intra-refresh=1:keyint=10"}, 400),
        ("libx264", {"crf": "1", "x264-params": "keyint=10"}, 9000),
        ("libx265", {"crf": "1", "x265-params": "keyint=10:log-level=0"}, 9000),
    ],
    ids=["slices", "no-keyframes", "large", "h265"],
)
def test_each_picture_comes_whole_and_in_order(
    encoder: str, options: dict[str, str], packet_bytes: int
) -> None:
    codec = Codec.H265 if encoder == "libx265" else Codec.H264
    packets = sent(encoder, options, packet_bytes)
    payload_type = packets[0][1] & 0x7F
    pictures = Pictures(Described(codec, payload_type, ""), bounds=Bounds(), now_s=0.0)
    shown = [one for at, each in enumerate(packets) for one in pictures.take(each, at / 100)]

    decoder = av.CodecContext.create(DECODERS[codec], "r")
    assert isinstance(decoder, VideoCodecContext)
    frames = []
    for one in shown:
        frames += decoder.decode(av.Packet(access_unit(codec, one.payloads)))
    frames += decoder.decode(None)
    assert len(shown) == COUNT
    assert [luma_of(frame) for frame in frames] == pytest.approx(
        [40 + 8 * number for number in range(COUNT)], abs=6
    )
    assert max(len(payload) for one in shown for payload in one.payloads) <= 1200
