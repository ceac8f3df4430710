"""`ilotier tls`: the authority of an installation, and how a phone comes to trust it."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from server.tls.authority import Authority
from server.tls.certificates import OwnCertificates
from server.tls.names import host_names
from server.tls.qr import qr_text

ROOT_PATH = "/root.crt"  # below the installation's address: what the QR code leads to


def tls_folder(data_dir: Path) -> Path:
    """Return where an installation keeps its authority and certificates (mode 0700)."""
    return data_dir / "tls"


def open_authority(data_dir: Path, *, names: Iterable[str], now: datetime) -> Authority:
    """Return the installation's authority, made for ``names`` and this host's at first start."""
    return Authority.open(tls_folder(data_dir), names=host_names(extra=names), now=now)


def own_certificates(data_dir: Path, *, names: Iterable[str], now: datetime) -> OwnCertificates:
    """Return the listener's certificate in own-authority mode, for ``names`` and this host's."""
    extra = tuple(names)
    return OwnCertificates(
        tls_folder(data_dir),
        authority=open_authority(data_dir, names=extra, now=now),
        names=lambda: host_names(extra=extra),
        now=now,
    )


def report(data_dir: Path, *, names: Iterable[str], url: str, now: datetime) -> str:
    """Return what `ilotier tls` prints; ``url`` is how phones reach this installation."""
    authority = open_authority(data_dir, names=names, now=now)
    link = url.rstrip("/") + ROOT_PATH
    return "\n".join(
        (
            f"Root certificate: {tls_folder(data_dir) / 'root.crt'}",
            f"Valid until:      {authority.expires_at:%Y-%m-%d}",
            "SHA-256:          " + authority.fingerprint()[:47],
            "                  " + authority.fingerprint()[48:],
            "",
            f"On each phone, open {link}",
            "(the browser warns once: nothing vouches for this server yet), compare the SHA-256",
            "above with the one the phone shows, and install the certificate as an authority.",
            "",
            qr_text(link),
        )
    )
