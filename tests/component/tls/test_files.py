"""A town's own certificate files: what is wrong is said in one sentence, and renewal is seen."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from server.tls.authority import Authority, Pair
from server.tls.certificates import FileCertificates, keep_fresh, ssl_context
from server.tls.errors import CertificateMismatch, CertificateOutOfDate, CertificateUnreadable

NOW = datetime.now(UTC)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    authority = Authority.open(tmp_path / "tls", names=("localhost",), now=NOW)
    return authority.issue(("localhost",), now=NOW)


def write(folder: Path, pair: Pair) -> tuple[Path, Path]:
    certificate, key = folder / "chain.pem", folder / "key.pem"
    certificate.write_bytes(pair.certificate.public_bytes(Encoding.PEM))
    key.write_bytes(pair.pem())
    return certificate, key


def test_good_files_are_taken(tmp_path: Path, pair: Pair) -> None:
    shown = FileCertificates(*write(tmp_path, pair), now=NOW)

    assert not shown.refresh(now=NOW)


def test_another_key_is_told(tmp_path: Path, pair: Pair) -> None:
    certificate, key = write(tmp_path, pair)
    authority = Authority.open(tmp_path / "tls", names=(), now=NOW)
    key.write_bytes(authority.issue(("localhost",), now=NOW).pem())

    with pytest.raises(CertificateMismatch, match=r"key\.pem is not the key of .*chain\.pem"):
        FileCertificates(certificate, key, now=NOW)


def test_an_expired_certificate_is_told_with_its_date(tmp_path: Path, pair: Pair) -> None:
    files = write(tmp_path, pair)

    with pytest.raises(CertificateOutOfDate, match="expired on 20"):
        FileCertificates(*files, now=NOW + timedelta(days=400))


def test_a_certificate_of_the_future_points_at_the_clock(tmp_path: Path, pair: Pair) -> None:
    files = write(tmp_path, pair)

    with pytest.raises(CertificateOutOfDate, match="check the clock"):
        FileCertificates(*files, now=NOW - timedelta(days=30))


@pytest.mark.parametrize(("broken", "said"), [(0, "PEM certificate"), (1, "PEM private key")])
def test_what_is_not_pem_is_told(tmp_path: Path, pair: Pair, broken: int, said: str) -> None:
    files = write(tmp_path, pair)
    files[broken].write_text("-----BEGIN NOTHING-----\n")

    with pytest.raises(CertificateUnreadable, match=said):
        FileCertificates(*files, now=NOW)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_file_is_told(tmp_path: Path, pair: Pair, missing: int) -> None:
    files = write(tmp_path, pair)
    files[missing].unlink()

    with pytest.raises(CertificateUnreadable, match="No such file"):
        FileCertificates(*files, now=NOW)


def test_a_key_under_a_password_is_told(tmp_path: Path, pair: Pair) -> None:
    certificate, key = write(tmp_path, pair)
    locked = BestAvailableEncryption(b"secret")
    key.write_bytes(pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))

    with pytest.raises(CertificateUnreadable, match="locked by a password"):
        FileCertificates(certificate, key, now=NOW)


def test_renewed_files_are_taken_and_bad_ones_leave_the_old_in_place(
    tmp_path: Path, pair: Pair
) -> None:
    certificate, key = write(tmp_path, pair)
    shown = FileCertificates(certificate, key, now=NOW)
    certificate.write_text("half a fi")

    with pytest.raises(CertificateUnreadable):
        shown.refresh(now=NOW)
    authority = Authority.open(tmp_path / "tls", names=(), now=NOW)
    write(tmp_path, authority.issue(("localhost",), now=NOW))
    assert shown.refresh(now=NOW)


class RefusedOnce:
    """Certificates that can't be read the first time, and say when they are asked again."""

    def __init__(self) -> None:
        self.context = ssl_context()
        self.asked_again = Event()
        self._asked = 0

    def refresh(self, *, now: datetime) -> bool:
        self._asked += 1
        if self._asked == 1:
            raise CertificateUnreadable("chain.pem is not a PEM certificate")
        self.asked_again.set()
        return True


async def test_a_refused_renewal_is_logged_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    certificates = RefusedOnce()

    task = asyncio.ensure_future(keep_fresh(certificates, clock=lambda: NOW, every_s=0.01))
    assert await asyncio.to_thread(certificates.asked_again.wait, 60)
    task.cancel()
    await asyncio.wait({task})

    assert "the HTTPS certificate was not replaced: chain.pem" in caplog.text
