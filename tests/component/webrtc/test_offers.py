"""Hostile and broken offers: refused by name, and nothing of them stays."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from aiortc import RTCPeerConnection
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.streams import BadSessionDescription, StaleSession
from server.media import MediaService
from tests.component.webrtc.peers import Listener, Peer, new_stream, running, until
from webrtc.offers import MAX_OFFER_BYTES, check_fragment, check_offer

# A camera and a microphone: see tests/data/webrtc/README.md.
RECORDED = Path(__file__).parents[2] / "data" / "webrtc" / "chromium-whip-offer.sdp"
OFFER = b"\r\n".join(RECORDED.read_bytes().splitlines()) + b"\r\n"
UFRAG = next(line for line in OFFER.split(b"\r\n") if line.startswith(b"a=ice-ufrag:"))


def without(start: bytes) -> bytes:
    return b"\r\n".join(line for line in OFFER.split(b"\r\n") if not line.startswith(start))


def instead(old: bytes, new: bytes) -> bytes:
    assert old in OFFER
    return OFFER.replace(old, new)


HOSTILE = {
    "empty": b"",
    "blank": b"\r\n\r\n",
    "binary": bytes(range(256)),
    "not text": b"\xff\xfe\x00",
    "huge": OFFER + b"a=x:" + b"x" * MAX_OFFER_BYTES,
    "many lines": OFFER + b"a=x\r\n" * 3000,
    "only a version": b"v=0\r\n",
    "no media": OFFER[: OFFER.index(b"m=")],
    "another protocol": b"GET / HTTP/1.1\r\n\r\n",
    "no fingerprint": without(b"a=fingerprint"),
    "weak fingerprint": instead(b"a=fingerprint:sha-256", b"a=fingerprint:sha-1"),
    "short fingerprint": instead(b"a=fingerprint:sha-256 ", b"a=fingerprint:sha-256 AB:CD\r\na=x:"),
    "no user name": without(b"a=ice-ufrag"),
    "no password": without(b"a=ice-pwd"),
    "user name with spaces": instead(UFRAG, b"a=ice-ufrag:a b c d e"),
    "unknown media": instead(b"m=audio", b"m=holography"),
    "data channel": instead(b"m=audio 9 UDP/TLS/RTP/SAVPF", b"m=application 9 UDP/DTLS/SCTP"),
    "plain RTP": instead(b"UDP/TLS/RTP/SAVPF", b"RTP/AVP"),
    "wrong port": instead(b"m=video 9 ", b"m=video 99999 "),
    "wrong payload type": instead(
        b"m=video 9 UDP/TLS/RTP/SAVPF ", b"m=video 9 UDP/TLS/RTP/SAVPF x "
    ),
    "no mid": without(b"a=mid"),
    "same mid twice": instead(b"a=mid:1", b"a=mid:0"),
    "two pictures": instead(b"m=audio", b"m=video"),
    "sound only": OFFER[OFFER.index(b"v=") : OFFER.index(b"m=video")],
    "not bundled": without(b"a=group"),
    "bundled with what is not there": instead(b"BUNDLE 0 1", b"BUNDLE 0 1 2"),
    "bundled twice": instead(b"a=group:BUNDLE 0 1", b"a=group:BUNDLE 0 1\r\na=group:BUNDLE 1 0"),
    "the same bundled twice": instead(b"BUNDLE 0 1", b"BUNDLE 0 1 1"),
    # What ended a whole media process: the bundle's first section is lost.
    "half of a bundle": instead(b"\r\nm=audio", b" m=audio"),
    "no rtcp-mux": without(b"a=rtcp-mux"),
    "passive": instead(b"a=setup:actpass", b"a=setup:passive"),
    "nothing sent": instead(b"a=sendonly", b"a=recvonly"),
    "no direction": without(b"a=sendonly"),
    "broken candidate": OFFER + b"a=candidate:1 1 udp here\r\n",
    "control characters": instead(b"s=-", b"s=\x1b[2J"),
    "no key": instead(b"s=-", b"hello"),
    # aiortc raises ValueError, AssertionError, IndexError, StopIteration, AttributeError on these.
    "broken rtpmap": instead(b"a=rtpmap:", b"a=rtpmap:x "),
    "rtpmap without clock": instead(b"/90000", b""),
    "unknown fmtp": instead(b"a=fmtp:", b"a=fmtp:1"),
    "broken apt": instead(b"apt=", b"apt=x"),
    "broken extmap": instead(b"a=extmap:", b"a=extmap:x"),
    "broken ssrc": OFFER + b"a=ssrc:x cname:y\r\n",
    "broken rtcp": OFFER + b"a=rtcp:x IN IP9 z\r\n",
    "broken connection line": instead(b"c=IN IP4 0.0.0.0", b"c=IN"),
}


@asynccontextmanager
async def leaving_nothing(service: MediaService) -> AsyncIterator[None]:
    """As many sockets and tasks after as before, and no session."""
    before = (_sockets(), len(asyncio.all_tasks()))
    yield
    await until(lambda: not service._sessions)
    await until(lambda: (_sockets(), len(asyncio.all_tasks())) == before)


def _sockets() -> int:
    links = (_link(fd) for fd in os.listdir("/proc/self/fd"))
    return sum(link.startswith("socket:") for link in links)


def _link(fd: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return ""  # the listing's own descriptor


async def test_each_hostile_offer_is_refused_and_leaves_no_socket_and_no_task() -> None:
    async with running() as service, leaving_nothing(service):
        for name, body in HOSTILE.items():
            with pytest.raises(DomainError) as refused:
                await service.publish(new_stream(), uuid4(), body)
            assert isinstance(refused.value, BadSessionDescription), name


async def test_the_recorded_offer_itself_is_answered_and_ends_by_its_limit() -> None:
    listener = Listener()
    async with running(listener, connect_within_s=0.3) as service, leaving_nothing(service):
        session = await service.publish(new_stream(), uuid4(), OFFER)

        assert "a=setup:passive" in session.answer.result()
        assert "x-google-start-bitrate" in session.answer.result()


async def test_offers_cut_and_shuffled_at_random_raise_only_what_has_a_name() -> None:
    chance = random.Random(20261121)
    lines = OFFER.split(b"\r\n")
    async with running(connect_within_s=0.2) as service, leaving_nothing(service):
        for _ in range(150):
            body = list(lines)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(body))
                match chance.randrange(4):
                    case 0:
                        del body[at]
                    case 1:
                        body[at] = body[at][: chance.randint(0, len(body[at]))]
                    case 2:
                        body.insert(at, chance.choice(lines))
                    case _:
                        noise = chance.randbytes(3).hex().encode()
                        body[at] = body[at].replace(b" ", noise, 1)
            try:
                await service.publish(new_stream(), uuid4(), b"\r\n".join(body))
            except DomainError:
                continue


async def test_closing_survives_what_aiortc_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(pc: RTCPeerConnection) -> None:
        raise AttributeError("'NoneType' object has no attribute 'stop'")

    async with running(connect_within_s=0.2) as service:
        with monkeypatch.context() as patch:
            patch.setattr(RTCPeerConnection, "close", broken)
            async with leaving_nothing(service):
                await service.publish(new_stream(), uuid4(), OFFER)


async def test_an_offer_over_which_aiortc_loses_a_transport_ends_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = HOSTILE["half of a bundle"]
    unchecked = replace(check_offer(OFFER, we_send=False), sdp=body.decode(), kinds=("video",))
    async with running() as service:
        with monkeypatch.context() as patch:
            patch.setattr("server.media.service.check_offer", lambda *rest, **kw: unchecked)
            with pytest.raises(BadSessionDescription):
                await service.publish(new_stream(), uuid4(), body)
        await until(lambda: not service._sessions)

        assert service.is_running


@given(st.binary(max_size=400))
def test_random_bytes_are_no_offer(body: bytes) -> None:
    with pytest.raises(BadSessionDescription):
        check_offer(body, we_send=True)


@given(st.text(max_size=200))
def test_a_random_fragment_is_refused_or_holds_no_candidate(text: str) -> None:
    try:
        fragment = check_fragment(text.encode("utf-8", "surrogatepass"))
    except BadSessionDescription:
        return
    assert fragment.candidates == ()


def test_candidates_that_cannot_be_used_are_left_out() -> None:
    body = b"\r\n".join(
        b"a=candidate:1 1 %s" % rest
        for rest in (
            b"udp 2113937151 192.0.2.7 50000 typ host generation 0",
            b"tcp 1518280447 192.0.2.7 9 typ host tcptype active",
            b"udp 2113937151 3f1b.local 50000 typ host",
            b"udp 2113937151 224.0.0.1 50000 typ host",
            b"udp 2113937151 ::ffff:224.0.0.1 50000 typ host",
            b"udp 2113937151 192.0.2.8 0 typ host",
        )
    )
    fragment = check_fragment(b"a=ice-ufrag:abcd\r\n" + body + b"\r\na=end-of-candidates\r\n")

    assert [candidate.ip for candidate in fragment.candidates] == ["192.0.2.7"]
    assert fragment.ufrag == "abcd"


async def test_trickled_candidates_connect_a_peer_whose_offer_had_none() -> None:
    stream = new_stream()
    async with running() as service:
        peer = Peer()
        peer.pc.addTransceiver("video", direction="sendonly")
        offer = await peer.offer()
        lines = offer.split(b"\r\n")
        bare = b"\r\n".join(line for line in lines if b"candidate" not in line)
        session = await service.publish(stream, uuid4(), bare)
        kept = (b"a=candidate", b"a=ice-ufrag")
        fragment = b"\r\n".join(line for line in lines if line.startswith(kept))
        await session.add_candidates(fragment, etag=session.etag)
        await peer.accept(session)
        await until(lambda: session.connected)

        with pytest.raises(StaleSession, match="ETag"):
            await session.add_candidates(fragment, etag='"another"')
        with pytest.raises(StaleSession, match="restart"):
            await session.add_candidates(b"a=ice-ufrag:wxyz\r\n", etag=None)
        with pytest.raises(BadSessionDescription):
            await session.add_candidates(b"a=candidate:nonsense\r\n", etag=None)
        await peer.close()


def test_layers_and_repairs_are_read_from_a_publishers_offer() -> None:
    lines = (
        b"a=rid:h send max-width=1280\r\na=rid:m send\r\na=rid:l send\r\na=rid:r recv\r\n"
        b"a=simulcast:send h;~m,x;l;r\r\n"
    )
    offer = check_offer(OFFER + lines, we_send=False)

    assert offer.rids == ("h", "m", "l")
    assert offer.repairs == {2428823822: 3284025152}
    assert check_offer(OFFER, we_send=False).rids == ()


@pytest.mark.parametrize(
    "lines",
    [
        b"a=rid:a send\r\na=simulcast:send a;a;a\r\n",
        b"a=rid:a send\r\na=simulcast:send a;~a\r\n",
        b"a=rid:a send\r\na=rid:a send\r\na=simulcast:send a\r\n",
    ],
)
def test_a_layer_that_is_named_twice_is_refused(lines: bytes) -> None:
    with pytest.raises(BadSessionDescription, match="names one layer twice"):
        check_offer(OFFER + lines, we_send=False)


@pytest.mark.parametrize(
    "lines",
    [
        b"a=simulcast:send h;l\r\n",  # layers without their RIDs
        b"a=rid:h send\r\na=simulcast:recv h\r\n",
        b"a=rid:h send\r\na=simulcast:send \r\n",
        b"a=rid:../../h send\r\na=simulcast:send ../../h\r\n",
        b"a=simulcast\r\na=rid\r\na=ssrc-group:FID\r\n",
    ],
)
def test_layers_that_cannot_be_used_leave_one_picture(lines: bytes) -> None:
    assert check_offer(OFFER + lines, we_send=False).rids == ()
