"""RTSP's bytes (RFC 2326): requests out; answers, requests and interleaved packets in. No I/O.

Cameras put a stray byte between two things now and then. It is passed over, up to a limit, once
the other end has shown that it speaks RTSP.
"""

from collections.abc import Iterable
from typing import NamedTuple

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024
_MAX_STRAY_BYTES = 8 * 1024
_MOST_MESSAGES = 64
"""Of one look at what came: a camera answers what it is asked."""
_DOLLAR = 0x24
_END = b"\r\n\r\n"
_VERBS = (b"OPTIONS ", b"ANNOUNCE ", b"GET_PARAMETER ", b"SET_PARAMETER ", b"REDIRECT ", b"PLAY")


class NotRtsp(Exception):
    """What came is no RTSP."""


class Response(NamedTuple):
    """``headers``: by name in lower case, each with all its values in order."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def header(self, name: str) -> str:
        """Its first value, "" if there is none."""
        return self.headers.get(name, [""])[0]


class Asked(NamedTuple):
    """A request from the server: cameras seldom make one, and are to be answered."""

    verb: str
    headers: dict[str, list[str]]


class Wire:
    """`feed` bytes as they come; holds what is not whole yet, within the limits above.

    ``frames``: interleaved packets since the last look, each its channel and its bytes.
    ``messages``: what else came.
    """

    def __init__(self) -> None:
        self.frames: list[tuple[int, bytes]] = []
        self.messages: list[Response | Asked] = []
        self._held = bytearray()
        self._stray = 0
        self._speaks = False

    def feed(self, data: memoryview) -> None:
        """Raises `NotRtsp`. ``data`` is not kept."""
        if self._held:
            self._held += data
            with memoryview(self._held) as held:
                used = self._read(held)
            del self._held[:used]
        else:
            used = self._read(data)
            if used < len(data):
                self._held += data[used:]

    def _read(self, data: memoryview) -> int:
        """How many bytes were used."""
        at, end = 0, len(data)
        frames = self.frames
        while at < end:
            if data[at] == _DOLLAR and self._speaks:
                if at + 4 > end:
                    break
                after = at + 4 + (data[at + 2] << 8 | data[at + 3])
                if after > end:
                    break
                frames.append((data[at + 1], bytes(data[at + 4 : after])))
                at = after
                continue
            used = self._read_text(bytes(data[at : at + MAX_HEAD_BYTES + MAX_BODY_BYTES]))
            if not used:
                break
            at += used
        return at

    def _read_text(self, data: bytes) -> int:
        """One message, or what lies ahead of one; 0: more is needed."""
        begins = (b"RTSP/", *_VERBS)
        if not data.startswith(begins):
            if any(each.startswith(data) for each in begins):
                return 0
            return self._skip(data)
        head, found, _ = data.partition(_END)
        if not found:
            if len(data) > MAX_HEAD_BYTES:
                raise NotRtsp("a head without an end")
            return 0
        first, headers = _head(head)
        length = headers.get("content-length", ["0"])[0].strip() or "0"
        if not length.isascii() or not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            raise NotRtsp("a body of no usable length")
        start = len(head) + len(_END)
        if len(data) < start + int(length):
            return 0
        body = data[start : start + int(length)]
        if len(self.messages) >= _MOST_MESSAGES:
            raise NotRtsp("more messages than anybody waits for")
        self.messages.append(_message(first, headers, body))
        self._speaks = True
        return start + int(length)

    def _skip(self, data: bytes) -> int:
        if not self._speaks:
            raise NotRtsp("it does not begin as RTSP does")
        found = [at for mark in (b"$", b"RTSP/") if (at := data.find(mark, 1)) > 0]
        used = min(found, default=len(data))
        self._stray += used
        if self._stray > _MAX_STRAY_BYTES:
            raise NotRtsp("bytes between packets")
        return used


def _head(head: bytes) -> tuple[str, dict[str, list[str]]]:
    lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    return lines[0], headers


def _message(first: str, headers: dict[str, list[str]], body: bytes) -> Response | Asked:
    if not first.startswith("RTSP/"):
        return Asked(first.partition(" ")[0], headers)
    status = first.split(" ")[1:2]
    if not status or not status[0].isdecimal() or len(status[0]) != 3:
        raise NotRtsp("an answer without a status")
    return Response(int(status[0]), headers, body)


def request(verb: str, url: str, number: int, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [f"{verb} {url} RTSP/1.0", f"CSeq: {number}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def answer(status: str, number: str) -> bytes:
    """To what a server asked; ``number``: its CSeq."""
    return f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n\r\n".encode("latin-1", "replace")
