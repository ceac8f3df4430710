"""Signed webhooks: who sent a report, that nobody changed it, and that it is of now.

The scheme is Standard Webhooks (standardwebhooks.com), which senders have libraries for: an id, a
time and an HMAC-SHA256 of both and the body. A refusal says nothing of what was wrong: who may
send knows his secret, and nobody else learns whether there is such a sensor.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import ClassVar

from domain.errors import Unauthenticated

TOLERANCE = timedelta(minutes=5)
SECRET_PREFIX, VERSION = "whsec_", "v1"
SECRET_BYTES = 32  # the scheme takes 24 to 64
MOST_SIGNATURES = 8  # one for each secret that is valid at a time, and some of other versions
LONGEST_ID = 128


class ReportNotTaken(Unauthenticated):
    code: ClassVar[str] = "report-not-taken"
    title: ClassVar[str] = "This report was not taken"

    def __init__(self) -> None:
        super().__init__("it is not signed as a sensor of this installation signs")


@dataclass(frozen=True, slots=True)
class Signed:
    """The three headers of the scheme, as they came, and the bytes that they speak of."""

    id: str
    timestamp: str
    signature: str
    body: bytes

    def check(self, secrets: Iterable[bytes], *, now: datetime) -> None:
        """Raise ``ReportNotTaken`` unless one of ``secrets`` signed it, within five minutes."""
        signed = self._is_signed(secrets)  # always worked out: how long it takes tells nothing
        if not (self._has_an_id() and self._is_of(now) and signed):
            raise ReportNotTaken

    def _is_signed(self, secrets: Iterable[bytes]) -> bool:
        given = [
            value
            for version, _, value in (one.partition(",") for one in self._signatures())
            if version == VERSION
        ]
        found = False
        for secret in secrets:
            expected = signature_of(secret, self.id, self.timestamp, self.body)
            for one in given:
                found |= hmac.compare_digest(one.encode(errors="replace"), expected.encode())
        return found

    def _signatures(self) -> list[str]:
        return self.signature.split(" ")[:MOST_SIGNATURES]

    def _has_an_id(self) -> bool:
        return 0 < len(self.id) <= LONGEST_ID and self.id.isascii() and self.id.isprintable()

    def _is_of(self, now: datetime) -> bool:
        seconds = self.timestamp
        if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 11):
            return False
        sent_at = datetime.fromtimestamp(int(seconds), UTC)
        return abs(now - sent_at) <= TOLERANCE


def signature_of(secret: bytes, webhook_id: str, timestamp: str, body: bytes) -> str:
    """Give the signature in base64, without its version."""
    said = b".".join(
        (webhook_id.encode(errors="replace"), timestamp.encode(errors="replace"), body)
    )
    return base64.b64encode(hmac.new(secret, said, sha256).digest()).decode()


def written(secret: bytes) -> str:
    """Give a secret as it is shown to whoever sets the sensor up."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def read(secret: str) -> bytes:
    """Read what ``written`` gave; raises ``ValueError``."""
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("not a secret of this scheme") from error
