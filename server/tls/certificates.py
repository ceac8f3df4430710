"""What the HTTPS listener shows: a certificate of our own authority, or the town's own files.

Both keep one ``ssl.SSLContext`` for the process's life and load new certificates into it: OpenSSL
uses them from the next handshake on, and nobody's connection is cut.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from domain.errors import DomainError
from server.tls.authority import Authority, Pair, write_secret
from server.tls.errors import CertificateMismatch, CertificateOutOfDate, CertificateUnreadable
from server.tls.names import general_names

logger = logging.getLogger(__name__)

RENEWED_BEFORE = timedelta(days=30)
CHECKED_EVERY_S = 600.0  # a new address of the host is in the certificate within ten minutes
SERVER_FILE = "server.pem"

type Clock = Callable[[], datetime]


class Certificates(Protocol):
    """Where the listener's certificate comes from."""

    @property
    def context(self) -> ssl.SSLContext: ...

    def refresh(self, *, now: datetime) -> bool:
        """Load what is new; return whether anything was. Blocks. Raises DomainError."""
        ...


def ssl_context() -> ssl.SSLContext:
    """Return a server's context without a certificate: TLS 1.2 or later, HTTP/1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


class OwnCertificates:
    """Certificates of the installation's authority, renewed 30 days early or for new names.

    ``names`` is asked at each refresh: host names and addresses. Those that the root may not vouch
    for are left out with a warning; raises NamesOutsideAuthority when none is left.
    """

    def __init__(
        self,
        folder: Path,
        *,
        authority: Authority,
        names: Callable[[], Sequence[str]],
        now: datetime,
    ) -> None:
        self._file = folder / SERVER_FILE
        self._authority = authority
        self._names = names
        self._shown: x509.Certificate | None = None
        self._left_out: set[str] = set()
        self.context = ssl_context()
        self.refresh(now=now)

    def refresh(self, *, now: datetime) -> bool:
        names = self._permitted()
        found = self._kept()
        if found is None or not self._is_good(found, names, now):
            pair = self._authority.issue(names, now=now)
            write_secret(self._file, pair.pem())
            found = pair.certificate
            logger.info("certificate for %s until %s", ", ".join(names), found.not_valid_after_utc)
        if found == self._shown:
            return False
        self.context.load_cert_chain(self._file)
        self._shown = found
        return True

    def _permitted(self) -> list[str]:
        asked = list(dict.fromkeys(self._names()))
        permitted = [name for name in asked if self._authority.permits(name)]
        left_out = set(asked) - set(permitted)
        if left_out - self._left_out:
            logger.warning("not in the certificate: %s", ", ".join(sorted(left_out)))
        self._left_out = left_out
        return permitted

    def _kept(self) -> x509.Certificate | None:
        """Return the certificate on disk, None if there is none of use."""
        try:
            return Pair.read(self._file.read_bytes()).certificate
        except (OSError, ValueError, TypeError):
            return None

    def _is_good(self, certificate: x509.Certificate, names: Sequence[str], now: datetime) -> bool:
        said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        # Near the root's own end a certificate can't be given 30 days more: keep what there is.
        latest = min(now + RENEWED_BEFORE, self._authority.expires_at - timedelta(seconds=1))
        return (
            self._authority.signed(certificate)
            and set(said) == set(general_names(names))
            and certificate.not_valid_before_utc <= now
            and certificate.not_valid_after_utc > latest
        )


class FileCertificates:
    """The town's own certificate (PEM, chain included) and key, read again when the files change.

    Raises CertificateUnreadable, CertificateMismatch or CertificateOutOfDate, each in a sentence.
    """

    def __init__(self, certificate: Path, key: Path, *, now: datetime) -> None:
        self._certificate = certificate
        self._key = key
        self._seen: tuple[int, ...] | None = None
        self.context = ssl_context()
        self.refresh(now=now)

    def refresh(self, *, now: datetime) -> bool:
        seen = (*_stamp(self._certificate), *_stamp(self._key))
        if seen == self._seen:
            return False
        check_files(self._certificate, self._key, now=now)
        try:
            self.context.load_cert_chain(self._certificate, self._key)
        except (ssl.SSLError, OSError) as error:
            raise CertificateUnreadable(f"{self._certificate}: {error}") from error
        self._seen = seen
        return True


def check_files(certificate: Path, key: Path, *, now: datetime) -> x509.Certificate:
    """Return the server's certificate if it and its key can serve at ``now``; else raise, named."""
    leaf = _read_certificate(certificate)
    try:
        private = load_pem_private_key(_read(key), password=None)
    except TypeError as error:
        raise CertificateUnreadable(f"{key} is locked by a password; give it without") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateUnreadable(f"{key} is not a PEM private key") from error
    if private.public_key() != leaf.public_key():
        raise CertificateMismatch(f"{key} is not the key of {certificate}")
    if now >= leaf.not_valid_after_utc:
        raise CertificateOutOfDate(f"{certificate} expired on {leaf.not_valid_after_utc:%F %R} UTC")
    if now < leaf.not_valid_before_utc:
        raise CertificateOutOfDate(
            f"{certificate} begins on {leaf.not_valid_before_utc:%F %R} UTC; check the clock"
        )
    return leaf


async def keep_fresh(
    certificates: Certificates, *, clock: Clock, every_s: float = CHECKED_EVERY_S
) -> None:
    """Refresh ``certificates`` for ever. A refusal is logged, and what was shown stays shown."""
    while True:
        await asyncio.sleep(every_s)
        try:
            if await asyncio.to_thread(certificates.refresh, now=clock()):
                logger.info("the HTTPS certificate was replaced")
        except DomainError as error:
            logger.error("the HTTPS certificate was not replaced: %s", error)


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(path))[0]
    except ValueError as error:
        raise CertificateUnreadable(f"{path} is not a PEM certificate") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateUnreadable(f"{path}: {error.strerror}") from error


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise CertificateUnreadable(f"{path}: {error.strerror}") from error
    return found.st_ino, found.st_mtime_ns
