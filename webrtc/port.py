"""The UDP port of a media process: one number, one socket per local address, all peers behind it.

Whom a datagram is for: a STUN request says it by name, a STUN answer by the transaction it ends,
DTLS and SRTP by where they come from (RFC 7983 tells these apart by the first byte). An address is
a session's once the session's own check to it was answered from there: whoever only writes a
sender's address on a datagram can't take it away. `docs/design/ports.md` gives the reasoning.
"""

import asyncio
import errno
import logging
import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, cast

from aioice import stun as aioice_stun
from aioice.candidate import Candidate
from aioice.ice import CandidatePair, Connection, StunProtocol
from aiortc.rtcdtlstransport import RTCDtlsTransport

from webrtc import internals, stun
from webrtc.metrics import Metrics
from webrtc.sockets import SharedPort, open_udp

logger = logging.getLogger(__name__)

_READ_AT_ONCE = 64
"""Datagrams per turn of the event loop: then whatever else waits has its turn."""
_MAX_DATAGRAM_BYTES = 2048
_MAX_ADDRESSES = 8
"""Per session and local address; a phone that changes network uses two or three."""
_MAX_WAITING = 256
"""Datagrams on their way to one session's DTLS and RTCP."""
_MAX_CANDIDATES = 48
_ANY_PORT_ATTEMPTS = 16

type Address = tuple[str, int]

# One for all sockets: a datagram is dealt with before the next is read.
datagram = bytearray(_MAX_DATAGRAM_BYTES)
_view = memoryview(datagram)
_pointer = internals.ffi.from_buffer("char[]", datagram)
_length = internals.ffi.new("int *")
_unprotect = internals.libsrtp.srtp_unprotect
_unprotect_rtcp = internals.libsrtp.srtp_unprotect_rtcp


class PortTaken(OSError):
    """No local address could be bound to the port."""


class Port:
    """Opened on first use; `close` it when the last session has ended."""

    def __init__(self, number: int = 0, *, metrics: Metrics) -> None:
        """``number`` 0: any free port, one number for all local addresses all the same."""
        self.number = number
        self._wanted = number
        self._metrics = metrics
        self._listeners: dict[str, Listener] = {}
        self._peers: dict[bytes, Peer] = {}

    def open(self, hosts: Iterable[str]) -> list[str]:
        """Listen on ``hosts``, on top of what is open; those that could be bound, in order.

        Raises `PortTaken` if none could: an address may have gone, or IPv6 not be ready yet.
        """
        hosts = list(hosts)
        if self._listeners or self._wanted:
            self._open(hosts, self.number)
        else:
            for _ in range(_ANY_PORT_ATTEMPTS):
                if self._open(hosts, 0):
                    break
        opened = [host for host in hosts if host in self._listeners]
        if not opened:
            raise PortTaken(f"no UDP port {self._wanted or ''} could be opened on {hosts}")
        return opened

    def _open(self, hosts: list[str], number: int) -> bool:
        """False: a port that was free on the first address is taken on another; all are closed."""
        for host in hosts:
            if host in self._listeners:
                continue
            try:
                sock = open_udp(host, number)
            except OSError as error:
                if error.errno == errno.EADDRINUSE and not self._wanted and self._listeners:
                    if not self._peers:
                        self.close()
                        return False
                    continue
                if error.errno == errno.EADDRINUSE:
                    logger.error("UDP port %d of %s is taken by another process", number, host)
                continue
            number = self.number = sock.getsockname()[1]
            self._listeners[host] = Listener(sock, self._peers, metrics=self._metrics)
        return bool(self._listeners)

    def attend(
        self,
        connection: Connection,
        candidates: Iterable[Candidate],
        *,
        dtls: RTCDtlsTransport | None = None,
    ) -> None:
        """Serve ``connection`` behind this port until it closes; the candidates' hosts are open."""
        peer = Peer(connection, self._peers, dtls)
        internals.use_sockets(
            connection,
            [PeerSocket(peer, self._listeners[each.host], each) for each in candidates],
        )

    def close(self) -> None:
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()
        self.number = self._wanted


class Peer:
    """One ICE connection behind the port."""

    def __init__(
        self,
        connection: Connection,
        peers: dict[bytes, "Peer"],
        dtls: RTCDtlsTransport | None = None,
    ) -> None:
        self.connection = connection
        self._dtls = dtls
        self.sockets: dict[Listener, PeerSocket] = {}
        self._peers = peers
        self._name = connection.local_username.encode()
        self._key = connection.local_password.encode()
        peers[self._name] = self

    def signed(self, message: aioice_stun.Message) -> bool:
        """Whether whoever wrote a request knows the password of our answer."""
        return message.check_message_integrity(self._key)

    def answer_where_it_is(self, size: int, address: Address, listener: "Listener") -> bytes | None:
        """The answer to a check in `datagram` that comes where the session's path ends already.

        None: it comes from elsewhere, or is not as it should be; aioice is to see it.
        """
        pair = internals.nominated_pair_of(self.connection)
        if pair is None or pair.remote_addr != address:
            return None
        mine = self.sockets.get(listener)
        if mine is None or pair.protocol is not mine or not mine.addresses.get(address):
            return None
        username = f"{self.connection.local_username}:{self.connection.remote_username}".encode()
        return stun.answer(datagram, size, username=username, key=self._key, address=address)

    def gone(self) -> None:
        self._dtls = None
        self._peers.pop(self._name, None)

    def take(self, size: int) -> str | None:
        """DTLS, SRTCP or SRTP in `datagram`; why it was refused, if it was."""
        dtls = self._dtls
        if dtls is not None and datagram[0] >= 128:
            if 192 <= datagram[1] <= 223:  # RFC 5761 section 4
                return self._take(dtls, size, _unprotect_rtcp, internals.deliver_rtcp)
            return self._take(dtls, size, _unprotect, internals.deliver_rtp)
        if internals.waiting(self.connection) >= _MAX_WAITING:
            return "queue-full"
        self.connection.data_received(bytes(_view[:size]), 1)
        return None

    def _take(
        self,
        dtls: RTCDtlsTransport,
        size: int,
        unprotect: Callable[..., int],
        deliver: Callable[[RTCDtlsTransport, bytes], None],
    ) -> str | None:
        keys = internals.receiving_keys(dtls)
        if keys is None:
            return "not-connected"
        _length[0] = size
        if unprotect(keys, _pointer, _length):
            return "bad-srtp"
        try:
            deliver(dtls, bytes(_view[: _length[0]]))
        except Exception:  # one peer connection's boundary
            # Each peer on its own: what one sends must not end the reading for all.
            logger.exception("a packet could not be handled; its session ends")
            self._dtls = None
            internals.end_receiving(self.connection)
            return "failed"
        return None


class PeerSocket(StunProtocol):
    """What an ICE connection takes for a socket of its own: its part of one shared socket."""

    def __init__(self, peer: Peer, listener: "Listener", candidate: Candidate) -> None:
        super().__init__(peer.connection)
        self.peer, self.listener = peer, listener
        peer.sockets[listener] = self
        self.local_candidate = candidate
        self.transactions = listener.transactions  # answers find their way by these alone
        self.transport = cast(asyncio.DatagramTransport, listener)
        self.addresses: dict[Address, bool] = {}
        """Where this session's datagrams come from; True: it has answered us from there."""

    async def request(
        self, request: aioice_stun.Message, addr: Address, *args: Any, **kw: Any
    ) -> Any:
        answer = await super().request(request, addr, *args, **kw)
        if answer[1] == addr:
            self.listener.claim(addr, self, proven=True)
        return answer

    async def close(self) -> None:
        self.peer.gone()
        self.listener.forget(self)


def sender_for(pair: CandidatePair) -> socket.socket:
    """A socket that sends from this pair's local address, its buffer its own; to be closed."""
    return cast(PeerSocket, pair.protocol).listener.sender()


class Listener:
    """One local address: a socket that receives for all."""

    def __init__(self, sock: socket.socket, peers: dict[bytes, Peer], *, metrics: Metrics) -> None:
        self.transactions: dict[bytes, aioice_stun.Transaction] = {}
        self._socket, self._peers, self._metrics = sock, peers, metrics
        self._is_v6 = sock.family == socket.AF_INET6
        self._holders: dict[Address, PeerSocket] = {}
        self._shared = SharedPort(sock)
        asyncio.get_running_loop().add_reader(sock, self._readable)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._shared.close()

    def refused(self, reason: str) -> None:
        self._metrics.datagrams_refused.labels(reason).inc()

    # Out

    def sendto(self, data: bytes, address: Address) -> None:
        """Never waits: DTLS, STUN and RTCP all have their own way of sending again."""
        try:
            self._socket.sendto(data, address)
        except OSError:
            self.refused("unsent")

    def sender(self) -> socket.socket:
        return self._shared.sender()

    # Whose address

    def claim(self, address: Address, who: PeerSocket, *, proven: bool) -> None:
        """Give ``address`` to ``who``, if it is free or ``who`` has proven to be there.

        A claim is proven by an answer to our own check, which only who receives there can give.
        """
        holder = self._holders.get(address)
        if holder is not who:
            if holder is not None:
                if not proven:
                    return
                del holder.addresses[address]
            self._holders[address] = who
        # Renewed ones go to the end: what is in use is never the oldest.
        proven = who.addresses.pop(address, False) or proven
        who.addresses[address] = proven
        if len(who.addresses) > _MAX_ADDRESSES:
            known = who.addresses.items()
            oldest = next((each for each, is_proven in known if not is_proven), None)
            oldest = oldest or next(iter(who.addresses))
            del who.addresses[oldest], self._holders[oldest]

    def forget(self, who: PeerSocket) -> None:
        for address in who.addresses:
            del self._holders[address]
        who.addresses.clear()

    # In

    def _readable(self) -> None:
        for _ in range(_READ_AT_ONCE):
            try:
                size, address = self._socket.recvfrom_into(datagram)
            except BlockingIOError:
                return
            except OSError:
                continue  # a report on something sent earlier: who is unreachable ends by itself
            if self._is_v6:
                address = address[:2]
            first = datagram[0]
            if not size:
                self.refused("malformed")
            elif 128 <= first < 192 or 20 <= first < 64:  # SRTP, DTLS
                holder = self._holders.get(address)
                reason = holder.peer.take(size) if holder is not None else "unknown-address"
                if reason is not None:
                    self.refused(reason)
            elif first < 4:
                self._stun(size, address)
            else:
                self.refused("malformed")

    def _stun(self, size: int, address: Address) -> None:
        kind = stun.kind(datagram, size)
        if kind == stun.REQUEST:
            self._request(size, address)
        elif kind in (stun.RESPONSE, stun.ERROR):
            transaction = self.transactions.get(stun.transaction(datagram))
            if transaction is None:
                self.refused("unknown-answer")
            elif (message := self._parsed(size)) is not None:
                transaction.response_received(message, address)
        else:
            self.refused("malformed")

    def _request(self, size: int, address: Address) -> None:
        """A connectivity check. What is not signed by a session's peer gets no answer at all."""
        name = stun.addressee(datagram, size)
        peer = self._peers.get(name) if name is not None else None
        if peer is None:
            self.refused("unknown-ufrag")
            return
        if (answer := peer.answer_where_it_is(size, address, self)) is not None:
            self.sendto(answer, address)
            self.claim(address, peer.sockets[self], proven=False)
            return
        message = self._parsed(size)
        if message is None:
            return
        if not peer.signed(message) or "PRIORITY" not in message.attributes:
            self.refused("bad-integrity")
            return
        mine = peer.sockets.get(self)
        if mine is None:  # a local address that was opened after this session had answered
            self.refused("unknown-ufrag")
            return
        internals.bound_candidates(peer.connection, address, limit=_MAX_CANDIDATES)
        self.claim(address, mine, proven=False)
        peer.connection.request_received(message, address, mine)

    def _parsed(self, size: int) -> aioice_stun.Message | None:
        with suppress(ValueError, struct.error):  # both, by what is wrong
            return aioice_stun.parse_message(bytes(datagram[:size]))
        self.refused("malformed")
        return None
