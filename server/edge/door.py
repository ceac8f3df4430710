"""The edge's door for inner hosts: who has the edge's key comes in, to serve or to call."""

import asyncio
import logging
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from prometheus_client import Counter

from server.edge.greeting import NotOurs, Purpose, greet_inner
from server.edge.line import Line
from server.edge.pool import InnerLines
from server.edge.tunnel import Serving

logger = logging.getLogger(__name__)

WITHIN_S = 5.0
MOST_GREETING = 64
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


class Door:
    """Takes lines from inside. ``run`` serves until cancelled."""

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
        self._greeting = 0
        self._group: asyncio.TaskGroup | None = None

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Raises ``OSError``. Nobody is let in before ``run``."""
        return await asyncio.get_running_loop().create_server(
            partial(Line, made=self._made, lost=self._lines.lost),
            host,
            port,
            ssl=self._shown.context,
            ssl_handshake_timeout=WITHIN_S,
        )

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                while True:
                    await asyncio.sleep(STALE_EVERY_S)
                    self._lines.close_stale()
        finally:
            self._group = None

    def _made(self, line: Line) -> None:
        if self._group is None or self._greeting >= MOST_GREETING:
            line.abort()
            return
        self._greeting += 1
        self._group.create_task(self._greet(line), name="a line from inside")

    async def _greet(self, line: Line) -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                greeted = await greet_inner(
                    line, key=self._key, certificate=self._shown.der, instance=self.instance
                )
            if greeted.purpose is Purpose.CALLS:
                line.hand_to(self._calls())
            else:
                self._lines.offer(line)
        except (NotOurs, ConnectionError, TimeoutError) as error:
            REFUSED.inc()
            logger.info("nobody let in: %s", str(error) or type(error).__name__)
            line.abort()
        finally:
            self._greeting -= 1
