"""The one form in which something is signed or chained: the same bytes, whoever writes them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime


def canonical(said: Mapping[str, object]) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def utc_text(at: datetime) -> str:
    """In UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
