"""Push message: an opaque id, a kind and a time. The phone fetches the rest from us.

Google, Apple and Mozilla carry it, so it names no place, no person and no picture (ASVS 14.2.3).
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from push.outgoing import About, Delivery

type Kind = About | Literal["test"]


@dataclass(frozen=True, kw_only=True)
class PushMessage:
    """``id`` is the alert's or the guidance's: a phone shows one id once, however often it comes.

    ``ttl``: how long a push service keeps it for a phone that is out of reach.
    """

    kind: Kind
    id: UUID
    at: datetime
    ttl: timedelta

    @property
    def topic(self) -> str:
        """Replaces an older one of the same topic at the service: 32 characters (RFC 8030 5.4)."""
        return self.id.hex

    @property
    def ttl_s(self) -> int:
        return max(1, int(self.ttl.total_seconds()))

    def data(self) -> dict[str, str]:
        at = self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"kind": self.kind, "id": str(self.id), "at": at}

    def payload(self) -> bytes:
        return json.dumps(self.data(), separators=(",", ":")).encode()


def message_of(delivery: Delivery, *, now: datetime) -> PushMessage:
    return PushMessage(
        kind=delivery.about_kind,
        id=delivery.about_id,
        at=delivery.sent_at,
        ttl=delivery.expires_at - now,
    )
