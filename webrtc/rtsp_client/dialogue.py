"""The dialogue with a camera, from OPTIONS to PLAY and on: no I/O, no clock.

`begin`, then `receive` what comes; `to_send` gives what is to go out, `packets` and `reports` what
has come of the picture (RTP, RTCP). `state` tells how far it is. What ends it raises `SourceDown`.
"""

import re
from enum import Enum
from typing import ClassVar, NamedTuple
from urllib.parse import urlsplit

from webrtc.rtsp_client.description import Described, control_url, read
from webrtc.rtsp_client.messages import Asked, NotRtsp, Response, Wire, answer, request
from webrtc.rtsp_client.signing_in import SigningIn
from webrtc.sources import DownReason, SourceDown

_AGENT = ("User-Agent", "Ilotier")
_MAX_SIGN_INS = 6
"""In one dialogue: some cameras give a nonce for each request."""
_KEEP_ALIVE_S, _SHORTEST_S = 60.0, 5.0
_REASONS = {
    401: DownReason.WRONG_PASSWORD,
    403: DownReason.WRONG_PASSWORD,
    404: DownReason.NOT_FOUND,
    410: DownReason.NOT_FOUND,
    453: DownReason.BUSY,  # not enough bandwidth: as many clients as it takes
    461: DownReason.NO_TRANSPORT,
    503: DownReason.BUSY,
}


class State(Enum):
    OPTIONS = "options"
    DESCRIBE = "describe"
    SETUP = "setup"
    PLAY = "play"
    PLAYING = "playing"


_SENDS = (State.PLAY, State.PLAYING)
"""From when it is asked to: some begin ahead of their answer."""


class Ports(NamedTuple):
    """Two UDP ports of one end, RTP's and RTCP's."""

    rtp: int
    rtcp: int


class Dialogue:
    """``ports``: ours, to be sent the picture by UDP; None: on this connection.

    What another kind of dialogue sets up is in `_take_description`, and what it has to ask for
    in ``requires``.
    """

    requires: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __init__(
        self,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        ports: Ports | None = None,
    ) -> None:
        self.state = State.OPTIONS
        self.described: Described | None = None
        self.server_ports: Ports | None = None
        self.timeout_s = _KEEP_ALIVE_S
        self.packets: list[bytes] = []
        self.reports: list[bytes] = []
        self._url = self._base = url
        self._ports = ports
        self._signing_in = SigningIn(username, password)
        self._sign_ins = 0
        self._wire = Wire()
        self._out: list[bytes] = []
        self._number = 0
        self._sent = ("", "", [_AGENT])
        self._session = ""
        self._channels = (0, 1)
        self._keeps_by = "OPTIONS"
        self._awaited: int | None = None  # the CSeq whose answer moves the dialogue on
        self._may_resign = False

    def begin(self) -> None:
        self._ask("OPTIONS", self._url)

    def to_send(self) -> bytes:
        out, self._out = b"".join(self._out), []
        return out

    def keep_alive(self) -> None:
        """To be called when half of `timeout_s` is over, while it plays. Nothing waits for it."""
        self._may_resign = True
        self._say_alive()

    def _say_alive(self) -> None:
        self._number += 1
        self._out.append(self._request(self._keeps_by, self._base, self._session_headers()))

    def tear_down(self) -> None:
        """A farewell: cameras serve only so many at a time."""
        if self._session:
            self._number += 1
            self._out.append(self._request("TEARDOWN", self._base, self._session_headers()))

    def send_report(self, data: bytes) -> None:
        """RTCP of ours, on this connection."""
        self._send_interleaved(self._channels[1], data)

    def _send_interleaved(self, channel: int, data: bytes) -> None:
        self._out.append(bytes((0x24, channel)) + len(data).to_bytes(2, "big") + data)

    def receive(self, data: memoryview) -> int:
        """Give how many packets and messages came. Raises `SourceDown`."""
        wire = self._wire
        try:
            wire.feed(data)
        except NotRtsp:
            raise SourceDown(DownReason.NOT_RTSP) from None
        frames, wire.frames = wire.frames, []
        if self.state in _SENDS:
            rtp, rtcp = self._channels
            for channel, packet in frames:
                if channel == rtp:
                    self.packets.append(packet)
                elif channel == rtcp:
                    self.reports.append(packet)
        messages, wire.messages = wire.messages, []
        for message in messages:
            if isinstance(message, Asked):
                self._answer(message)
            else:
                self._heard(message)
        return len(frames) + len(messages)

    def _answer(self, asked: Asked) -> None:
        known = asked.verb in ("OPTIONS", "GET_PARAMETER", "SET_PARAMETER")
        number = asked.headers.get("cseq", ["0"])[0]
        self._out.append(answer("200 OK" if known else "501 Not Implemented", number))

    def _heard(self, response: Response) -> None:
        if self.state is State.PLAYING:
            self._heard_later(response)
            return
        number = response.header("cseq").strip()
        if number.isdecimal() and int(number) != self._awaited:
            return
        if response.status == 401:
            self._sign_in(response)
            return
        if response.status >= 300 and self.state is not State.OPTIONS:
            raise SourceDown(_REASONS.get(response.status, DownReason.REFUSES))
        self._signing_in.accepted()
        match self.state:
            case State.OPTIONS:
                self._heard_options(response)
            case State.DESCRIBE:
                self._heard_description(response)
            case State.SETUP:
                self._heard_setup(response)
            case _:
                self.state = State.PLAYING

    def _heard_later(self, response: Response) -> None:
        """To keep alive; how a camera answers that is seldom of interest."""
        if response.status == 454:
            raise SourceDown(DownReason.ENDED)  # it has forgotten the session
        if response.status == 401 and self._may_resign:
            self._may_resign = False
            if self._signing_in.refused(response.headers.get("www-authenticate", [])):
                self._say_alive()

    def _sign_in(self, response: Response) -> None:
        self._sign_ins += 1
        offered = response.headers.get("www-authenticate", [])
        if not self._signing_in.refused(offered) or self._sign_ins > _MAX_SIGN_INS:
            raise SourceDown(DownReason.WRONG_PASSWORD)
        self._ask(*self._sent)

    def _heard_options(self, response: Response) -> None:
        # Cameras that refuse OPTIONS itself exist; what they can is found out by asking.
        if "GET_PARAMETER" in response.header("public").upper():
            self._keeps_by = "GET_PARAMETER"
        self.state = State.DESCRIBE
        self._ask("DESCRIBE", self._url, [("Accept", "application/sdp"), *self.requires])

    def _heard_description(self, response: Response) -> None:
        control = self._take_description(response.body)
        base = response.header("content-base") or response.header("content-location")
        if base.lower().startswith(("rtsp://", "rtsps://")) and "@" not in urlsplit(base).netloc:
            self._base = base
        self.state = State.SETUP
        transport = "RTP/AVP/TCP;unicast;interleaved=0-1"
        if self._ports is not None:
            transport = f"RTP/AVP;unicast;client_port={self._ports.rtp}-{self._ports.rtcp}"
        url = control_url(self._base, control)
        self._ask("SETUP", url, [("Transport", transport), *self.requires])

    def _take_description(self, body: bytes) -> str:
        """Where what is to be set up is controlled."""
        self.described = read(body)
        return self.described.control

    def _heard_setup(self, response: Response) -> None:
        session, *parameters = response.header("session").split(";")
        self._session = session.strip()
        if not self._session:
            raise SourceDown(DownReason.NOT_RTSP)
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "timeout" and value.strip().isdecimal():
                self.timeout_s = max(_SHORTEST_S, min(float(value), 3600.0))
        transport = response.header("transport")
        if self._ports is None:
            self._channels = _pair("interleaved", transport) or self._channels
        else:
            pair = _pair("server_port", transport)
            self.server_ports = Ports(*pair) if pair else None
        self.state = State.PLAY
        headers = [*self._session_headers(), ("Range", "npt=0.000-"), *self.requires]
        self._ask("PLAY", self._base, headers)

    def _session_headers(self) -> list[tuple[str, str]]:
        return [("Session", self._session)] if self._session else []

    def _ask(self, verb: str, url: str, headers: list[tuple[str, str]] | None = None) -> None:
        self._number += 1
        self._awaited = self._number
        self._sent = (verb, url, headers or [])
        self._out.append(self._request(verb, url, headers or []))

    def _request(self, verb: str, url: str, headers: list[tuple[str, str]]) -> bytes:
        signed = self._signing_in.header(verb, url)
        authorised = [("Authorization", signed)] if signed is not None else []
        return request(verb, url, self._number, [_AGENT, *headers, *authorised])


def _pair(name: str, transport: str) -> tuple[int, int] | None:
    found = re.search(rf"{name}=(\d{{1,5}})(?:-(\d{{1,5}}))?", transport, re.IGNORECASE)
    if found is None:
        return None
    first = int(found[1])
    return first, int(found[2] or first + 1)
