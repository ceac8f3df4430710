"""The edge's door for inner hosts: who has the edge's key comes in, to serve or to call."""

import asyncio
import logging
import socket
import ssl
import tempfile
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from prometheus_client import Counter

from domain.addresses import share_of
from server.edge.greeting import NotOurs, Purpose, greet_inner
from server.edge.keeping import Serving
from server.edge.line import Line
from server.edge.pool import InnerLines

logger = logging.getLogger(__name__)

WITHIN_S = 5.0
"""TCP's answer is the kernel's; this is for TLS and greeting together."""
MOST_GREETING, MOST_STRANGERS = 320, 64
MOST_OF_KNOWN, MOST_OF_STRANGER, MOST_KNOWN = 256, 16, 64
"""Control and the media processes of one host dial up to ``calling.MOST_LINES`` each at once."""
BACKLOG, AGAIN_AFTER_S = 100, 0.1
STALE_EVERY_S = 5.0
LIFE = timedelta(days=3652)  # nobody reads its dates: see greeting.py
REFUSED = Counter("ilotier_edge_greetings_refused_total", "who was not let in from inside")


@dataclass(frozen=True)
class Shown:
    """The certificate that this door shows, made for this process alone."""

    context: ssl.SSLContext
    der: bytes

    @classmethod
    def make(cls) -> "Shown":
        """Blocks for some milliseconds."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ilotier edge")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + LIFE)
            .sign(key, SHA256())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with tempfile.TemporaryDirectory() as folder:  # ssl reads from files alone
            file = Path(folder) / "edge.pem"
            file.touch(mode=0o600)
            file.write_bytes(pem + certificate.public_bytes(Encoding.PEM))
            context.load_cert_chain(file)
        return cls(context, certificate.public_bytes(Encoding.DER))


@dataclass(eq=False)
class _Caller:
    """Somebody who has connected and is not greeted yet; ``connection`` until a task has it."""

    share: str
    connection: socket.socket | None
    task: asyncio.Task[None] | None = None

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
        if self.task is not None:
            self.task.cancel()


class Door:
    """Takes lines from inside. ``run`` serves until cancelled.

    Whoever connects is counted at once, before TLS. When there are too many the one that takes
    longest is hung up on, never who comes: a greeting takes milliseconds. Those who have been
    greeted before have room that strangers can't take.
    """

    def __init__(
        self,
        *,
        key: bytes,
        lines: InnerLines,
        calls: Serving,
        shown: Shown,
    ) -> None:
        """``calls`` answers what inner hosts ask of this edge itself."""
        self._key, self._lines, self._calls, self._shown = key, lines, calls, shown
        self.instance = token_hex(8)
        self._listening: list[socket.socket] = []
        self._callers: dict[_Caller, None] = {}
        self._known: OrderedDict[str, None] = OrderedDict()

    async def listen(self, host: str, port: int) -> int:
        """Give the port. Raises ``OSError``. Nobody is let in before ``run``."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, *_, address in found:
            self._listening.append(_listener(family, address))
        return int(self._listening[0].getsockname()[1])

    def close(self) -> None:
        for listening in self._listening:
            listening.close()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for listening in self._listening:
                group.create_task(self._accept(listening, group), name="the door")
            while True:
                await asyncio.sleep(STALE_EVERY_S)
                self._lines.close_stale()

    async def _accept(self, listening: socket.socket, group: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(listening)
            except OSError as error:  # no more files, or it has gone before it was taken
                logger.warning("nobody can be let in: %s", error)
                await asyncio.sleep(AGAIN_AFTER_S)
                continue
            caller = _Caller(share_of(str(address[0])), connection)
            self._make_room(caller.share)
            self._callers[caller] = None
            caller.task = group.create_task(self._let_in(caller), name="a line from inside")
            await asyncio.sleep(0)  # a crowd at the door does not keep the rest waiting

    def _make_room(self, share: str) -> None:
        is_known = share in self._known
        its = [one for one in self._callers if one.share == share]
        strangers = [one for one in self._callers if one.share not in self._known]
        if len(its) >= (MOST_OF_KNOWN if is_known else MOST_OF_STRANGER):
            self._hang_up(its[0])
        elif not is_known and len(strangers) >= MOST_STRANGERS:
            self._hang_up(strangers[0])
        elif len(self._callers) >= MOST_GREETING:
            self._hang_up(next(iter(strangers or self._callers)))

    def _hang_up(self, caller: _Caller) -> None:
        del self._callers[caller]
        REFUSED.inc()
        caller.hang_up()

    async def _let_in(self, caller: _Caller) -> None:
        connection, caller.connection = caller.connection, None
        line = Line(lost=self._lines.lost)
        if connection is None:
            return
        try:
            async with asyncio.timeout(WITHIN_S):
                await asyncio.get_running_loop().connect_accepted_socket(
                    lambda: line,
                    connection,
                    ssl=self._shown.context,
                    ssl_handshake_timeout=WITHIN_S,
                )
                greeted = await greet_inner(
                    line, key=self._key, certificate=self._shown.der, instance=self.instance
                )
            self._know(caller.share)
            if greeted.purpose is Purpose.CALLS:
                line.hand_to(self._calls())
            else:
                self._lines.offer(line)
        except (NotOurs, OSError, TimeoutError) as error:
            REFUSED.inc()
            logger.info("nobody let in: %s", str(error) or type(error).__name__)
            line.abort()
        except asyncio.CancelledError:
            line.abort()
            raise
        finally:
            self._callers.pop(caller, None)

    def _know(self, share: str) -> None:
        self._known[share] = None
        self._known.move_to_end(share)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


def _listener(family: int, address: tuple[object, ...]) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening
