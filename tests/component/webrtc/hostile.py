"""What a hostile or broken peer might send, made from a seed: descriptions, packets, datagrams."""

import random
from collections.abc import Callable
from pathlib import Path
from struct import pack

RECORDED = Path(__file__).parents[2] / "data" / "webrtc" / "chromium-whip-offer.sdp"

_NUMBERS = [b"0", b"-1", b"65535", b"65536", b"4294967296", b"9" * 40, b"1e9", b"0x10", b"NaN"]
_WORDS = [
    b"", b" ", b"\x00", b"\r", b"\t", b"\xff\xfe", b"\xc3\xa9", "☎".encode(), b"a" * 3000,
    b":", b"=", b";", b"/", b"%n%s", b"..", b"IN IP6 ::1", b"IN IP4 224.0.0.1", b"*", b"BUNDLE",
    b"sha-256", b"holdconn", b"passive", b"actpass", b"recvonly", b"inactive", b"UDP/TLS/RTP/SAVPF",
]  # fmt: skip
_ATTRIBUTES = [
    b"mid", b"rtcp-mux", b"ice-ufrag", b"ice-pwd", b"ice-lite", b"ice-options", b"fingerprint",
    b"setup", b"group", b"candidate", b"rtpmap", b"fmtp", b"rtcp-fb", b"extmap", b"ssrc",
    b"ssrc-group", b"msid", b"rid", b"simulcast", b"sctp-port", b"crypto", b"rtcp", b"sendonly",
    b"end-of-candidates", b"extmap-allow-mixed", b"max-message-size", b"identity", b"x-nonsense",
]  # fmt: skip
_VALUES = [
    b"0", b"1", b"96 H264/90000", b"96 VP8/90000", b"96 H264/0", b"96 apt=97", b"97 apt=97",
    b"96 profile-level-id=zzzzzz", b"96 profile-level-id=42e01f;packetization-mode=1",
    b"96 nack pli", b"* transport-cc", b"1 urn:ietf:params:rtp-hdrext:sdes:mid", b"0 urn:x",
    b"99999 urn:x", b"FID 1 2", b"FID 1", b"SIM 1 2 3", b"4294967297 cname:x", b"1 cname",
    b"BUNDLE 0 1", b"BUNDLE", b"h send", b"send h;m;l", b"send ~h,m;;", b"recv", b"sha-256 00",
    b"sha-1 " + b":".join([b"AB"] * 20), b"sha-256 " + b":".join([b"AB"] * 32),
    b"1 1 udp 1 127.0.0.1 9 typ host", b"1 1 tcp 1 127.0.0.1 9 typ host tcptype active",
    b"1 1 udp 1 name.local 9 typ host", b"1 1 udp 1 224.0.0.1 9 typ host", b"1 1 udp 1",
    b"1 1 udp 99999999999 ::ffff:1.2.3.4 70000 typ relay raddr x rport y",
]  # fmt: skip


class Descriptions:
    """Offers and trickled fragments, hostile but seldom quite hopeless."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._recorded = RECORDED.read_bytes()
        self._lines = self._recorded.split(b"\r\n")

    def offer(self) -> bytes:
        """A browser's with a few wounds, or one that a grammar has made."""
        if self._chance.random() < 0.2:
            return self._made_up()
        lines = list(self._lines)
        if self._chance.random() < 0.5:  # a viewer's
            lines = [b"a=recvonly" if line == b"a=sendonly" else line for line in lines]
        for _ in range(self._chance.choice((1, 1, 2, 3, 8))):
            self._chance.choice(_WOUNDS)(self, lines)
        body = b"\r\n".join(lines)
        if self._chance.random() < 0.1:
            body = body[: self._chance.randrange(len(body) + 1)]
        return body

    def fragment(self) -> bytes:
        lines = [b"a=ice-ufrag:" + self._word(), b"m=video 9 UDP/TLS/RTP/SAVPF 0", b"a=mid:0"]
        lines += [self._attribute() for _ in range(self._chance.randrange(40))]
        self._chance.choice(_WOUNDS)(self, lines)
        return self._chance.choice((b"\r\n", b"\n", b"\r")).join(lines)

    def _made_up(self) -> bytes:
        lines = [b"v=0", b"o=- 1 1 IN IP4 127.0.0.1", b"s=-", b"t=0 0"]
        for _ in range(self._chance.randrange(5)):
            kind = self._chance.choice((b"video", b"audio", b"application", self._word()))
            numbers = b" ".join(self._number() for _ in range(self._chance.randrange(6)))
            lines.append(b"m=" + kind + b" 9 UDP/TLS/RTP/SAVPF " + numbers)
            lines += [self._attribute() for _ in range(self._chance.randrange(60))]
        return b"\r\n".join(lines)

    def _attribute(self) -> bytes:
        name = self._chance.choice(_ATTRIBUTES)
        if self._chance.random() < 0.2:
            return b"a=" + name
        value = self._chance.choice(_VALUES) if self._chance.random() < 0.8 else self._word()
        return b"a=" + name + b":" + value

    def _word(self) -> bytes:
        return self._chance.choice(_WORDS)

    def _number(self) -> bytes:
        return self._chance.choice((*_NUMBERS, b"96", b"111", b"127"))

    # Wounds: each changes the lines in place.

    def _drop(self, lines: list[bytes]) -> None:
        if lines:
            del lines[self._chance.randrange(len(lines))]

    def _repeat(self, lines: list[bytes]) -> None:
        if lines:
            at = self._chance.randrange(len(lines))
            lines[at:at] = [lines[at]] * self._chance.choice((1, 1, 2, 2000))

    def _swap(self, lines: list[bytes]) -> None:
        if lines:
            a, b = (self._chance.randrange(len(lines)) for _ in range(2))
            lines[a], lines[b] = lines[b], lines[a]

    def _insert(self, lines: list[bytes]) -> None:
        lines.insert(self._chance.randrange(len(lines) + 1), self._attribute())

    def _change_part(self, lines: list[bytes]) -> None:
        if not lines:
            return
        at = self._chance.randrange(len(lines))
        parts = lines[at].split(b" ")
        parts[self._chance.randrange(len(parts))] = self._chance.choice(
            (self._word(), self._number(), self._chance.choice(_VALUES))
        )
        lines[at] = b" ".join(parts)

    def _flip(self, lines: list[bytes]) -> None:
        at = self._chance.randrange(len(lines)) if lines else 0
        if lines and lines[at]:
            line = bytearray(lines[at])
            line[self._chance.randrange(len(line))] ^= 1 << self._chance.randrange(8)
            lines[at] = bytes(line)


_WOUNDS: list[Callable[[Descriptions, list[bytes]], None]] = [
    Descriptions._drop,
    Descriptions._repeat,
    Descriptions._swap,
    Descriptions._insert,
    Descriptions._change_part,
    Descriptions._change_part,
    Descriptions._flip,
]

_H264 = [b"\x65\x88", b"\x67\x42", b"\x68", b"\x41\x9a", b"\x7c\x85", b"\x7c\x45", b"\x7c\x05",
         b"\x78\x00\x04", b"\x78\xff\xff", b"\x7c", b"\x00", b"\x1e\x1f", b"\x7d\xc5"]  # fmt: skip


class Packets:
    """RTP and RTCP, and datagrams that are neither. ``payload_types`` are those agreed on."""

    def __init__(self, chance: random.Random, *, payload_types: list[int]) -> None:
        self._chance = chance
        self._payload_types = payload_types
        self._sequence, self._timestamp = chance.randrange(65536), chance.randrange(2**32)
        self.ssrcs = [chance.randrange(2**32)]
        """Its own first; a colliding one may be added."""

    def rtp(self) -> bytes:
        """Mostly believable, so that it gets far: numbers that jump and wrap, odd extensions."""
        chance = self._chance
        self._sequence += chance.choice((1, 1, 1, 1, 1, 0, -1, 2, 7, 900, 33_000, -400))
        if chance.random() < 0.3:
            self._timestamp += chance.choice((3600, 3600, 3600, 0, -3600, 2**31, 2**32 - 1, 1))
        first, extension = 0x80, b""
        if chance.random() < 0.2:
            first |= 0x10
            extension = self._extension()
        sources = chance.choice((0, 0, 0, 0, 0, 1, 15))
        padding = b""
        if chance.random() < 0.1:
            first |= 0x20
            padding = bytes(chance.choice((0, 1, 3))) + bytes([chance.choice((0, 1, 4, 255))])
        kind = (
            chance.choice(self._payload_types) if chance.random() < 0.95 else chance.randrange(64)
        )
        marker = 0x80 if chance.random() < 0.3 else 0
        ssrc = self.ssrcs[0] if chance.random() < 0.98 else chance.choice(self.ssrcs)
        header = pack(
            "!BBHII",
            first | sources,
            marker | kind,
            self._sequence & 0xFFFF,
            self._timestamp & 0xFFFFFFFF,
            ssrc,
        )
        packet = header + chance.randbytes(4 * sources) + extension + self._payload() + padding
        return packet[: chance.randrange(12, len(packet) + 1)] if chance.random() < 0.05 else packet

    def _payload(self) -> bytes:
        head = self._chance.choice(_H264)
        return head + self._chance.randbytes(self._chance.choice((0, 1, 3, 20, 60, 60, 200, 1300)))

    def _extension(self) -> bytes:
        chance = self._chance
        profile = chance.choice((0xBEDE, 0x1000, 0x100F, 0, 0xFFFF))
        words = chance.choice((0, 1, 2, 5))
        claimed = words if chance.random() < 0.8 else chance.choice((words + 1, 0xFFFF))
        return pack("!HH", profile, claimed) + chance.randbytes(4 * words)

    def rtcp(self) -> bytes:
        """One packet or a compound of several, some of whose lengths lie."""
        count = self._chance.choice((1, 1, 2, 3, 9))
        packet = b"".join(self._one_rtcp() for _ in range(count))
        if self._chance.random() < 0.1:
            packet = packet[: self._chance.randrange(8, len(packet) + 1)]
        return packet[:1400]

    def _one_rtcp(self) -> bytes:
        chance = self._chance
        kind = chance.choice((200, 201, 202, 203, 204, 205, 205, 206, 206, 207, 192, 208))
        count = chance.choice((0, 1, 1, 1, 4, 5, 15, 15, 31))
        ssrc = pack("!I", chance.choice((*self.ssrcs, 0, 2**32 - 1)))
        body = ssrc + self._rtcp_body(kind)
        body += bytes(-len(body) % 4)
        words = len(body) // 4
        if chance.random() < 0.15:
            words = chance.choice((0, words + 1, max(0, words - 1), 0xFFFF))
        bits = 0xA0 if chance.random() < 0.05 else 0x80
        return pack("!BBH", bits | count, kind, words) + body

    def _rtcp_body(self, kind: int) -> bytes:
        chance = self._chance
        media = pack("!I", chance.choice(self.ssrcs))
        if kind == 205 and chance.random() < 0.5:  # NACK
            asked = (
                pack("!HH", chance.randrange(65536), 0xFFFF) for _ in range(chance.choice((1, 40)))
            )
            return media + b"".join(asked)
        if kind == 206 and chance.random() < 0.5:  # REMB
            return media + b"REMB" + pack("!BBH", chance.randrange(256), 255, 65535) + media
        return chance.choice((b"", media)) + chance.randbytes(chance.choice((0, 4, 8, 20, 24, 100)))

    def datagram(self) -> bytes:
        """What no peer of ours sends."""
        chance = self._chance
        kind = chance.randrange(6)
        noise = chance.randbytes(chance.choice((0, 1, 7, 20, 60, 400)))
        if kind == 0:
            return noise
        if kind == 1:  # STUN
            length = len(noise) if chance.random() < 0.7 else chance.randrange(65536)
            head = pack("!HH", chance.choice((1, 0x101, 0x111, 0x3FFF)), length)
            return head + b"\x21\x12\xa4\x42" + chance.randbytes(12) + noise
        if kind == 2:  # DTLS
            head = pack("!BHHIHH", chance.choice((20, 21, 22, 23, 63)), 0xFEFD, 0, 0, 0, len(noise))
            return head + noise
        if kind == 3:
            return self.rtp()
        if kind == 4:
            return self.rtcp()
        return b"\x80" + noise
