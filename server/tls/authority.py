"""The installation's own certificate authority: made at first start, installed once on each phone.

A root of ten years that vouches for private addresses and this installation's names only (RFC 5280,
4.2.1.10), and server certificates of at most 397 days, the most that browsers take from anyone
(CA/Browser Forum baseline requirements, 6.3.2). Keys are EC P-256, each in one file with its
certificate, mode 0600 in a folder of mode 0700: a pair can't be torn by a crash.
"""

import os
import plistlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import NAMESPACE_URL, uuid5

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.tls.errors import AuthorityUnreadable, NamesOutsideAuthority
from server.tls.names import general_names, name_constraints, permits

COMMON_NAME = "Ilotier – autorité locale"
ROOT_LIFE = timedelta(days=3652)
SERVER_LIFE = timedelta(days=397)
BACKDATED = timedelta(days=1)  # a phone's clock may be late; counted within the life

PAIR_FILE, ROOT_FILE = "authority.pem", "root.crt"


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        """Return key and certificate, in one text."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + self.certificate.public_bytes(Encoding.PEM)

    @classmethod
    def read(cls, pem: bytes) -> Self:
        """Return the pair ``pem`` gave. Raises ValueError for anything else."""
        key = load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificate(pem)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the key is not an elliptic curve's")
        if key.public_key() != certificate.public_key():
            raise ValueError("the key is not the certificate's")
        return cls(certificate, key)


@dataclass(frozen=True, slots=True)
class Authority:
    """The root and what it may do. ``open`` finds or makes it."""

    root: Pair

    @classmethod
    def open(cls, folder: Path, *, names: Sequence[str], now: datetime) -> Self:
        """Return the authority kept in ``folder``; make it, for ``names``, if there is none.

        Raises AuthorityUnreadable for a damaged file or an expired root: a new root means a walk to
        every phone, so nobody but an administrator decides that (he moves the folder away).
        """
        pair_file = folder / PAIR_FILE
        if not pair_file.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_secret(pair_file, _make_root(names, now).pem(), overwrite=False)
        try:
            authority = cls(Pair.read(pair_file.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise AuthorityUnreadable(f"{pair_file}: {error}") from error
        if now >= authority.expires_at:
            raise AuthorityUnreadable(f"{pair_file}: the root expired on {authority.expires_at:%F}")
        root_file = folder / ROOT_FILE
        if not root_file.exists() or root_file.read_bytes() != authority.root_pem():
            root_file.write_bytes(authority.root_pem())
            root_file.chmod(0o644)
        return authority

    @property
    def expires_at(self) -> datetime:
        return self.root.certificate.not_valid_after_utc

    def root_pem(self) -> bytes:
        """Return the root's certificate, without its key, as PEM."""
        return self.root.certificate.public_bytes(Encoding.PEM)

    def root_der(self) -> bytes:
        """Return the root's certificate, as phones take it (application/x-x509-ca-cert)."""
        return self.root.certificate.public_bytes(Encoding.DER)

    def fingerprint(self) -> str:
        """Return the root's SHA-256 as phones show it: ``AB:CD:…``, 32 pairs."""
        return self.root.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def mobileconfig(self) -> bytes:
        """Return the profile that installs the root on iOS and iPadOS (still to be trusted there:
        Settings, General, About, Certificate Trust Settings)."""
        identity = str(uuid5(NAMESPACE_URL, f"ilotier:{self.fingerprint()}"))
        shared = {"PayloadVersion": 1, "PayloadDisplayName": COMMON_NAME}
        root = {
            **shared,
            "PayloadType": "com.apple.security.root",
            "PayloadIdentifier": f"ilotier.root.{identity}",
            "PayloadUUID": identity,
            "PayloadContent": self.root_der(),
        }
        profile = {
            **shared,
            "PayloadType": "Configuration",
            "PayloadIdentifier": f"ilotier.{identity}",
            "PayloadUUID": str(uuid5(NAMESPACE_URL, f"ilotier:profile:{identity}")),
            "PayloadContent": [root],
        }
        return plistlib.dumps(profile)

    def permits(self, name: str) -> bool:
        """Whether the root may vouch for ``name``, a host name or an IP address."""
        constraints = self.root.certificate.extensions.get_extension_for_class(x509.NameConstraints)
        return permits(constraints.value, name)

    def signed(self, certificate: x509.Certificate) -> bool:
        """Whether ``certificate`` is this root's work."""
        try:
            certificate.verify_directly_issued_by(self.root.certificate)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True

    def issue(self, names: Sequence[str], *, now: datetime) -> Pair:
        """Return a server certificate for ``names``. Raises NamesOutsideAuthority."""
        outside = [name for name in names if not self.permits(name)]
        if outside or not names:
            raise NamesOutsideAuthority(
                f"{', '.join(outside) or 'no name at all'}: the root was made for other names. "
                "To change them, move the tls folder away, start again, and install the new root "
                "on every phone"
            )
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self.root.certificate
        starts_at = max(now - BACKDATED, issuer.not_valid_before_utc)
        ends_at = min(starts_at + SERVER_LIFE, issuer.not_valid_after_utc)
        builder = _builder(_name(names[0][:64]), issuer.subject, key.public_key())
        certificate = (
            builder.not_valid_before(starts_at)
            .not_valid_after(ends_at)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(sign_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(general_names(names)), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key()),
                critical=False,
            )
            .sign(self.root.key, hashes.SHA256())
        )
        return Pair(certificate, key)


def write_secret(path: Path, content: bytes, *, overwrite: bool = True) -> None:
    """Write ``content`` whole to ``path``, mode 0600, on disk before it is in view.

    Without ``overwrite`` an existing file wins: two processes that start together keep one root.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mkstemp: mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            temporary.replace(path)
        else:
            try:
                path.hardlink_to(temporary)
            except FileExistsError:
                return
    finally:
        temporary.unlink(missing_ok=True)


def _make_root(names: Sequence[str], now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(COMMON_NAME)
    starts_at = (now - BACKDATED).astimezone(UTC)
    certificate = (
        _builder(name, name, key.public_key())
        .not_valid_before(starts_at)
        .not_valid_after(starts_at + ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .add_extension(name_constraints(names), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
