"""The RTSP client's core, without a network: the dialogue, signing in, and what is understood."""

import pytest

from domain.streams import Codec
from webrtc.rtsp_client.dialogue import Dialogue, Ports, State
from webrtc.rtsp_client.messages import Response, Wire
from webrtc.rtsp_client.signing_in import SigningIn
from webrtc.sources import DownReason, SourceDown

URL = "rtsp://camera/ch1?profile=2"
SDP = (
    "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=cam\r\nt=0 0\r\na=control:*\r\n"
    "m=audio 0 RTP/AVP 0\r\na=control:trackID=0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\r\n"
    "a=control:trackID=1\r\n"
)


def answer(sent: bytes, status: str = "200 OK", *headers: str, body: str = "") -> bytes:
    number = next(x for x in sent.decode().split("\r\n") if x.startswith("CSeq"))
    lines = [f"RTSP/1.0 {status}", number, *headers, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


class Camera:
    """The other end: what is asked of it, and the answers it is to give."""

    def __init__(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self.asked: list[str] = []
        dialogue.begin()

    def says(self, status: str = "200 OK", *headers: str, body: str = "") -> str:
        """Answer the newest request; the one that follows."""
        self.sent = self.dialogue.to_send() or self.sent
        self.dialogue.receive(memoryview(answer(self.sent, status, *headers, body=body)))
        self.sent = self.dialogue.to_send()
        self.asked.append(self.sent.decode())
        return self.sent.decode()

    sent = b""

    def plays(self, *, transport: str = "RTP/AVP/TCP;unicast;interleaved=2-3") -> None:
        self.says("200 OK", "Public: OPTIONS, DESCRIBE, GET_PARAMETER")
        self.says("200 OK", "Content-Base: rtsp://camera/ch1/", body=SDP)
        self.says("200 OK", f"Transport: {transport}", "Session: 77;timeout=30")
        self.says()


def test_a_camera_is_asked_for_its_picture_and_never_for_its_sound() -> None:
    camera = Camera(dialogue := Dialogue(URL))
    camera.plays()

    verbs = [each.split(" ")[:2] for each in camera.asked if each]
    assert verbs == [
        ["DESCRIBE", URL],
        ["SETUP", "rtsp://camera/ch1/trackID=1"],
        ["PLAY", "rtsp://camera/ch1/"],
    ]
    assert dialogue.state is State.PLAYING
    assert dialogue.timeout_s == 30
    described = dialogue.described
    assert described is not None
    assert (described.codec, described.payload_type) == (Codec.H264, 96)
    assert [unit[0] & 0x1F for unit in described.parameter_sets] == [7, 8]


def test_packets_are_taken_of_the_pictures_channels_alone() -> None:
    camera = Camera(dialogue := Dialogue(URL))
    camera.plays()
    frames = b"".join(b"$" + bytes((channel, 0, 3)) + b"abc" for channel in (0, 2, 3, 2, 9))
    for at in range(len(frames)):
        dialogue.receive(memoryview(frames[at : at + 1]))

    assert dialogue.packets == [b"abc", b"abc"]
    assert dialogue.reports == [b"abc"]


def test_a_session_is_kept_alive_as_the_camera_knows_how() -> None:
    camera = Camera(dialogue := Dialogue(URL))
    camera.plays()
    dialogue.keep_alive()
    asked = dialogue.to_send().decode()

    assert asked.startswith("GET_PARAMETER rtsp://camera/ch1/ RTSP/1.0\r\n")
    assert "Session: 77\r\n" in asked
    with pytest.raises(SourceDown, match="ended"):
        dialogue.receive(memoryview(answer(asked.encode(), "454 Session Not Found")))


def test_udp_is_asked_for_by_our_ports() -> None:
    camera = Camera(dialogue := Dialogue(URL, ports=Ports(5000, 5001)))
    camera.plays(transport="RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001")

    assert "Transport: RTP/AVP;unicast;client_port=5000-5001\r\n" in camera.asked[1]
    assert dialogue.server_ports == Ports(6000, 6001)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("404 Not Found", DownReason.NOT_FOUND),
        ("453 Not Enough Bandwidth", DownReason.BUSY),
        ("403 Forbidden", DownReason.WRONG_PASSWORD),
        ("500 Internal Server Error", DownReason.REFUSES),
    ],
)
def test_a_refusal_has_its_reason(status: str, reason: DownReason) -> None:
    camera = Camera(Dialogue(URL))
    camera.says("501 Not Implemented")  # of OPTIONS: nothing to give up for

    with pytest.raises(SourceDown, match=reason.value):
        camera.says(status)


@pytest.mark.parametrize(
    ("sdp", "reason"),
    [
        ("v=0\r\nm=audio 0 RTP/AVP 0\r\n", DownReason.NO_VIDEO),
        ("v=0\r\nm=video 0 RTP/AVP 26\r\n", DownReason.UNSUPPORTED_CODEC),
        (SDP.replace("H264/", "MP4V-ES/"), DownReason.UNSUPPORTED_CODEC),
        (SDP.replace("packetization-mode=1", "packetization-mode=2"), DownReason.UNSUPPORTED_CODEC),
        ("\x00\xff" * 20, DownReason.NO_VIDEO),
    ],
)
def test_a_description_without_a_usable_picture_says_why(sdp: str, reason: DownReason) -> None:
    camera = Camera(Dialogue(URL))
    camera.says()

    with pytest.raises(SourceDown, match=reason.value):
        camera.says(body=sdp)


def test_h265_is_described_with_its_three_sets() -> None:
    sdp = (
        "v=0\r\nm=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000\r\n"
        "a=fmtp:98 sprop-vps=QAEMAf//AWAAAA==;sprop-sps=QgEBAWAAAA==;sprop-pps=RAHA8vA8kA==\r\n"
        "a=control:rtsp://camera/elsewhere/track1\r\n"
    )
    camera = Camera(dialogue := Dialogue(URL))
    camera.says()
    asked = camera.says(body=sdp)

    assert asked.startswith("SETUP rtsp://camera/elsewhere/track1 ")
    assert dialogue.described is not None
    assert dialogue.described.codec is Codec.H265
    assert [unit[0] >> 1 for unit in dialogue.described.parameter_sets] == [32, 33, 34]


# Signing in


def test_digest_as_the_standards_give_it() -> None:
    """RFC 2617 section 3.5, RFC 7616 section 3.9.1."""
    old = SigningIn("Mufasa", "Circle Of Life", client_nonce=lambda: "0a4f113b")
    assert old.refused(
        [
            'Digest realm="testrealm@host.com", qop="auth,auth-int", '
            'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
        ]
    )
    new = SigningIn(
        "Mufasa",
        "Circle of Life",
        client_nonce=lambda: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    nonce = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
    both = [f'Digest realm="http-auth@example.org", qop="auth", algorithm={name}, {nonce}'
            for name in ("MD5", "SHA-256")]  # fmt: skip
    assert new.refused([", ".join(both)])  # two in one header: the better is answered

    assert 'response="6629fae49393a05397450978507c4ef1"' in (
        old.header("GET", "/dir/index.html") or ""
    )
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in (
        new.header("GET", "/dir/index.html") or ""
    )


def test_a_camera_is_signed_in_to_once_and_a_wrong_password_is_not_repeated() -> None:
    asks = 'WWW-Authenticate: Digest realm="cam", nonce="n1"'
    camera = Camera(Dialogue(URL, username="csu", password="a@b:c/d%e"))
    camera.says()
    again = camera.says("401 Unauthorized", asks)

    assert 'Authorization: Digest username="csu", realm="cam", nonce="n1"' in again
    assert "a@b" not in again
    with pytest.raises(SourceDown, match="wrong-password"):
        camera.says("401 Unauthorized", asks)


def test_a_nonce_that_went_stale_is_no_wrong_password() -> None:
    camera = Camera(Dialogue(URL, username="csu", password="x"))
    camera.says()
    camera.says("401 Unauthorized", 'WWW-Authenticate: Digest realm="cam", nonce="n1"')
    again = camera.says(
        "401 Unauthorized", 'WWW-Authenticate: Digest realm="cam", nonce="n2", stale=true'
    )

    assert 'nonce="n2"' in again


def test_a_camera_may_give_a_nonce_for_each_request() -> None:
    camera = Camera(dialogue := Dialogue(URL, username="csu", password="x"))
    camera.says()
    for number, (verb, body) in enumerate([("DESCRIBE", SDP), ("SETUP", ""), ("PLAY", "")]):
        asks = f'WWW-Authenticate: Digest realm="cam", nonce="n{number}"'
        assert camera.says("401 Unauthorized", asks).startswith(verb)
        camera.says("200 OK", "Session: 5", body=body)

    assert dialogue.state is State.PLAYING


def test_without_a_password_a_camera_that_asks_for_one_is_refused() -> None:
    camera = Camera(Dialogue(URL))
    camera.says()

    with pytest.raises(SourceDown, match="wrong-password"):
        camera.says("401 Unauthorized", 'WWW-Authenticate: Basic realm="cam"')


# What comes on the wire


def test_a_stray_byte_between_two_things_is_passed_over() -> None:
    wire = Wire()
    wire.feed(memoryview(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n\r\n\x00"))
    wire.feed(memoryview(b"$\x00\x00\x01aRTSP/1.0 404 Gone\r\n\r\n"))

    assert wire.frames == [(0, b"a")]
    assert [each.status for each in wire.messages if isinstance(each, Response)] == [200, 404]


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 200 OK\r\n\r\n", bytes(range(256)), b"RTSP/1.0 huh\r\n\r\n",
             b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n", b"RTSP/" + b"x" * 20_000]
)  # fmt: skip
def test_what_is_no_rtsp_is_told(data: bytes) -> None:
    dialogue = Dialogue(URL)
    dialogue.begin()

    with pytest.raises(SourceDown, match="not-rtsp"):
        dialogue.receive(memoryview(data))


def test_nothing_is_held_of_what_comes_before_it_was_asked_to_play() -> None:
    camera = Camera(dialogue := Dialogue(URL))
    camera.says()
    early = dialogue.receive(memoryview(b"$\x00\x00\x01a" * 1000))

    assert (early, dialogue.packets, dialogue.reports) == (1000, [], [])


def test_more_messages_than_anybody_waits_for_are_not_read() -> None:
    camera = Camera(dialogue := Dialogue(URL))
    camera.plays()

    with pytest.raises(SourceDown, match="not-rtsp"):
        dialogue.receive(memoryview(b"PLAY x\r\n\r\n" * 10_000))
