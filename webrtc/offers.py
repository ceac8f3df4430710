"""What may come in as an SDP offer or as trickled candidates, decided before aiortc sees it.

aiortc raises seven kinds of exception on malformed SDP, and takes and answers one that is empty,
has no fingerprint or no ICE credentials. So the text is held against what WHIP and WHEP need, line
by line, and rewritten without what could hurt.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from aiortc import RTCIceCandidate

from domain.addresses import read_address
from domain.streams import BadSessionDescription, Codec

MAX_OFFER_BYTES = 64 * 1024
"""A browser's offer for one camera and one microphone is about 8 KiB."""
MAX_FRAGMENT_BYTES = 8 * 1024
_MAX_LINES = 1500
MAX_CANDIDATES = 24
"""More would make us send connectivity checks wherever somebody likes."""

_MID = re.compile(r"[0-9A-Za-z_-]{1,16}")
_UFRAG = re.compile(r"[0-9A-Za-z+/]{4,256}")  # RFC 8839 section 5.4
_PWD = re.compile(r"[0-9A-Za-z+/]{22,256}")
_HASH_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_REMEMBERED = {"mid", "rtcp-mux", "ice-ufrag", "ice-pwd", "setup"}
_DIRECTIONS = {"sendrecv", "sendonly", "recvonly", "inactive"}
_SENT_RID = re.compile(r"([0-9A-Za-z_-]{1,16}) send(?: .*)?")  # RFC 8851 section 10
_SIMULCAST = re.compile(r"(?:^|[ :])send ([0-9A-Za-z_,;~-]{1,200})(?: |$)")  # RFC 8853 section 5.1
_REPAIR = re.compile(r"FID (\d{1,10}) (\d{1,10})", re.ASCII)
_MAX_RIDS = 3
"""`relay.MAX_LAYERS`: those after it are not asked for in the answer."""
_CANDIDATE = re.compile(
    r"(?P<foundation>[0-9A-Za-z+/]{1,32}) (?P<component>[1-9]\d{0,2}) (?P<transport>\w{1,8})"
    r" (?P<priority>\d{1,10}) (?P<host>\S{1,253}) (?P<port>\d{1,5}) typ"
    r" (?P<type>host|srflx|prflx|relay)( .*)?",
    re.ASCII,
)


@dataclass(slots=True)
class _Section:
    """One media section, or what stands above them all."""

    kind: str
    attributes: dict[str, str] = field(default_factory=dict)
    direction: str = "without a direction"  # sendrecv by RFC 8866, but aiortc needs it said
    has_fingerprint: bool = False
    rids: list[str] = field(default_factory=list)
    sends: list[str] = field(default_factory=list)
    repairs: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that aiortc can be given. ``kinds``: its media sections, in order.

    - ``rids``: the layers of its picture (RFC 8853), the one it prefers first; none: one picture.
    - ``repairs``: SSRC of retransmissions to that of what they repair (RFC 5576, FID).
    """

    sdp: str
    kinds: tuple[str, ...]
    ufrag: str
    rids: tuple[str, ...] = ()
    repairs: Mapping[int, int] = field(default_factory=dict)

    def names(self, codec: Codec) -> bool:
        """Whether the other end says that it knows ``codec``."""
        return re.search(rf"^a=rtpmap:\d+ {codec}/", self.sdp, re.I | re.M) is not None


@dataclass(slots=True)
class _Reading:
    session: _Section = field(default_factory=lambda: _Section("session"))
    sections: list[_Section] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    bundles: list[list[str]] = field(default_factory=list)
    candidates: int = 0


def check_offer(body: bytes, *, we_send: bool) -> Offer:
    """The offer of a viewer (``we_send``) or of a publisher. Raises `BadSessionDescription`."""
    reading = _checked(body, we_send=we_send)
    videos = [section for section in reading.sections if section.kind == "video"]
    if not videos:
        raise BadSessionDescription("the offer has no video section")
    rids = tuple(rid for rid in videos[0].sends if rid in videos[0].rids)[:_MAX_RIDS]
    return _offer(reading, rids=rids, repairs=videos[0].repairs)


def check_voice(body: bytes) -> Offer:
    """The offer of somebody who speaks. Raises `BadSessionDescription`."""
    reading = _checked(body, we_send=False)
    if [section.kind for section in reading.sections] != ["audio"]:
        raise BadSessionDescription("the offer is of more than one voice")
    return _offer(reading)


def _offer(
    reading: _Reading, *, rids: tuple[str, ...] = (), repairs: Mapping[int, int] | None = None
) -> Offer:
    first = reading.sections[0]
    return Offer(
        "\r\n".join(reading.kept) + "\r\n",
        tuple(section.kind for section in reading.sections),
        _value(first, reading.session, "ice-ufrag"),
        rids,
        repairs or {},
    )


def _checked(body: bytes, *, we_send: bool) -> _Reading:
    """What any offer has to be."""
    reading = _read(_lines(body, MAX_OFFER_BYTES))
    sections = reading.sections
    kinds = tuple(section.kind for section in sections)
    if not sections:
        raise BadSessionDescription("the offer has no section")
    if len(set(kinds)) != len(kinds):
        raise BadSessionDescription("the offer has more than one section of a kind")
    for section in sections:
        _check_section(section, reading.session, we_send=we_send)
    mids = {section.attributes["mid"] for section in sections}
    # aiortc is at a loss where a bundle begins with a section that is not there, or is there twice.
    bundle = reading.bundles[0] if reading.bundles else sorted(mids)[:1]
    if len(reading.bundles) > 1 or len(bundle) != len(mids) or set(bundle) != mids:
        raise BadSessionDescription("the sections are not bundled (a=group:BUNDLE)")
    return reading


def check_answer(body: bytes, *, hosts: Collection[str]) -> Offer:
    """What a host that is less trusted answers to our offer. Raises `BadSessionDescription`.

    Candidates elsewhere than at ``hosts`` are left out: its answer must not make us send checks
    to whomever it likes.
    """
    reading = _read(_lines(body, MAX_OFFER_BYTES))
    sections = reading.sections
    if not any(section.kind == "video" for section in sections):
        raise BadSessionDescription("the answer has no video section")
    for section in sections:
        _check_secrets(section, reading.session)
        if _value(section, reading.session, "setup") not in ("active", "passive"):
            raise BadSessionDescription(f"the {section.kind} section says no a=setup role")
    kept = [line for line in reading.kept if _is_at(line, hosts)]
    video = next(section for section in sections if section.kind == "video")
    ufrag = _value(sections[0], reading.session, "ice-ufrag")
    kinds = tuple(section.kind for section in sections)
    return Offer("\r\n".join(kept) + "\r\n", kinds, ufrag, repairs=video.repairs)


def _is_at(line: str, hosts: Collection[str]) -> bool:
    if not line.startswith("a=candidate:"):
        return True
    candidate = _usable_candidate(line.removeprefix("a=candidate:"))
    return candidate is not None and candidate.ip in hosts


def _read(lines: list[str]) -> _Reading:
    reading = _Reading()
    if not lines or lines[0] != "v=0":
        raise BadSessionDescription("the body is no session description: it begins without v=0")
    for line in lines:
        if line.startswith("m="):
            reading.sections.append(_Section(_media_kind(line)))
        elif not re.match(r"[a-z]=", line):
            raise BadSessionDescription("a line is not of the form letter=value")
        if not line.startswith("a=") or _note_attribute(reading, line):
            reading.kept.append(line)
    return reading


def _lines(body: bytes, limit: int) -> list[str]:
    if len(body) > limit:
        raise BadSessionDescription(f"the body is longer than {limit} bytes")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadSessionDescription("the body is not UTF-8 text") from None
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n") if text.strip() else []
    if len(lines) > _MAX_LINES:
        raise BadSessionDescription(f"the body has more than {_MAX_LINES} lines")
    if any(not line.isprintable() for line in lines):
        raise BadSessionDescription("the body holds control characters")
    return lines


def _media_kind(line: str) -> str:
    kind, _, rest = line[2:].partition(" ")
    if kind not in ("audio", "video"):
        raise BadSessionDescription("a media section is neither audio nor video")
    fields = rest.split(" ")
    if len(fields) < 3 or not fields[0].isdecimal() or int(fields[0]) > 65535:
        raise BadSessionDescription("a media line is malformed")
    if fields[1] != "UDP/TLS/RTP/SAVPF" or not all(_is_payload_type(each) for each in fields[2:]):
        raise BadSessionDescription("a media section is not UDP/TLS/RTP/SAVPF")
    return kind


def _is_payload_type(text: str) -> bool:
    return text.isdecimal() and text.isascii() and int(text) < 128


def _note_attribute(reading: _Reading, line: str) -> bool:
    """Remember what is checked later; whether aiortc is to see the line."""
    name, _, value = line[2:].partition(":")
    section = reading.sections[-1] if reading.sections else reading.session
    if name == "candidate":
        reading.candidates += 1
        usable = _usable_candidate(value) is not None
        return usable and reading.candidates <= MAX_CANDIDATES
    if name in ("end-of-candidates", "ice-lite"):
        # Peers behind an mDNS name are met by their own checks only: see `_usable_candidate`.
        # Told that none will follow, aioice would give up before the first check arrives.
        return False
    if name == "fingerprint":
        # Algorithms that aiortc does not know must not be the only ones.
        usable = _is_fingerprint(value)
        section.has_fingerprint |= usable
        return usable
    if name in _DIRECTIONS:
        section.direction = name
    elif name == "group" and value.startswith("BUNDLE"):
        reading.bundles.append(value.split()[1:])
    elif name in _REMEMBERED:
        section.attributes[name] = value
    else:
        _note_source(section, name, value)
    return True


def _note_source(section: _Section, name: str, value: str) -> None:
    """What tells one RTP source of a section from another. What can't be used is passed over."""
    if name == "rid" and (rid := _SENT_RID.fullmatch(value)):
        section.rids.append(rid[1])
    elif name == "simulcast" and (sent := _SIMULCAST.search(value)):
        # Of alternatives for one layer the first is taken; a paused one (~) may begin later.
        section.sends = [each.split(",")[0].lstrip("~") for each in sent[1].split(";")]
    elif name == "ssrc-group" and (pair := _REPAIR.fullmatch(value)):
        section.repairs[int(pair[2])] = int(pair[1])


def _is_fingerprint(value: str) -> bool:
    algorithm, _, digest = value.partition(" ")
    size = _HASH_BYTES.get(algorithm.lower())
    return size is not None and bool(
        re.fullmatch(rf"[0-9A-Fa-f]{{2}}(:[0-9A-Fa-f]{{2}}){{{size - 1}}}", digest)
    )


def _value(section: _Section, session: _Section, name: str) -> str:
    return section.attributes.get(name) or session.attributes.get(name, "")


def _check_section(section: _Section, session: _Section, *, we_send: bool) -> None:
    _check_secrets(section, session)
    what = f"the {section.kind} section"
    if _value(section, session, "setup") not in ("actpass", "active"):
        raise BadSessionDescription(f"{what} is not a=setup:actpass (RFC 8842 section 5.2)")
    for names in (section.rids, section.sends):  # RFC 8851 section 4: each is of one layer
        if len(set(names)) != len(names):
            raise BadSessionDescription(f"{what} names one layer twice")
    wanted = {"recvonly", "sendrecv"} if we_send else {"sendonly", "sendrecv"}
    if section.direction not in wanted:
        raise BadSessionDescription(f"{what} is {section.direction}")


def _check_secrets(section: _Section, session: _Section) -> None:
    """By what it is named, and what its peer is known by."""
    what = f"the {section.kind} section"
    if not _MID.fullmatch(section.attributes.get("mid", "")):
        raise BadSessionDescription(f"{what} has no usable a=mid")
    if "rtcp-mux" not in section.attributes:
        raise BadSessionDescription(f"{what} has no a=rtcp-mux")
    if not (section.has_fingerprint or session.has_fingerprint):
        raise BadSessionDescription(f"{what} has no certificate fingerprint we accept")
    if not _UFRAG.fullmatch(_value(section, session, "ice-ufrag")):
        raise BadSessionDescription(f"{what} has no a=ice-ufrag")
    if not _PWD.fullmatch(_value(section, session, "ice-pwd")):
        raise BadSessionDescription(f"{what} has no a=ice-pwd")


def _usable_candidate(value: str) -> RTCIceCandidate | None:
    """None for what can't be used: TCP, unspecified and multicast addresses, mDNS names.

    A browser that hides its address behind a name.local still reaches us by its own checks, and is
    met as a peer-reflexive candidate; looking the name up would only hold up the answer.
    """
    parts = _CANDIDATE.fullmatch(value)
    if parts is None:
        raise BadSessionDescription("a candidate is malformed")
    if parts["transport"].lower() != "udp" or parts["component"] != "1":
        return None
    address, port = read_address(parts["host"]), int(parts["port"])
    if address is None or address.is_multicast or address.is_unspecified or not 0 < port < 65536:
        return None
    return RTCIceCandidate(
        component=1,
        foundation=parts["foundation"],
        ip=str(address),
        port=port,
        priority=int(parts["priority"]),
        protocol="udp",
        type=parts["type"],
    )


@dataclass(frozen=True, slots=True)
class Fragment:
    """Candidates trickled by PATCH (RFC 8840). ``ufrag`` None: not said."""

    ufrag: str | None
    candidates: tuple[RTCIceCandidate, ...]


def check_fragment(body: bytes) -> Fragment:
    """An application/trickle-ice-sdpfrag body. Raises `BadSessionDescription`."""
    lines = _lines(body, MAX_FRAGMENT_BYTES)
    if not lines:
        raise BadSessionDescription("the body is empty")
    ufrag = None
    for value in _values(lines, "ice-ufrag"):
        if not _UFRAG.fullmatch(value):
            raise BadSessionDescription("a=ice-ufrag is malformed")
        ufrag = value
    found = [_usable_candidate(value) for value in _values(lines, "candidate")]
    return Fragment(ufrag, tuple(each for each in found if each is not None)[:MAX_CANDIDATES])


def _values(lines: list[str], name: str) -> Iterator[str]:
    prefix = f"a={name}:"
    return (line.removeprefix(prefix) for line in lines if line.startswith(prefix))
