"""Web Push: to the page installed on a phone (RFC 8030), encrypted for it alone (RFC 8291)."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import aiohttp
from pywebpush import WebPusher

from push.addresses import Addresses
from push.channels import ACCEPTED, Became, ChannelStatus, Outcome, pause_asked
from push.messages import PushMessage
from push.vapid import VapidKey

logger = logging.getLogger(__name__)

#: Bytes of plaintext that make a body of 4096, the most a service must take (RFC 8030 7.2). The
#: library would send more.
LONGEST_PAYLOAD = 3993
MOST_CONNECTIONS = 50


class WebPushChannel:
    """One message, one POST. The service's answer decides; redirects are not followed."""

    def __init__(
        self,
        *,
        key: VapidKey,
        contact: str,
        addresses: Addresses,
        clock: Callable[[], datetime],
        timeout_s: float = 10.0,
    ) -> None:
        self._key = key
        self._contact = contact
        self._addresses = addresses
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    @property
    def status(self) -> ChannelStatus:
        return ChannelStatus(on=True)

    def check(self, address: Mapping[str, str]) -> None:
        self._addresses.check(address)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS)
        jar = aiohttp.DummyCookieJar()  # a push service has nothing to remember of us
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=jar, timeout=self._timeout
        ) as session:
            self._session = session
            try:
                yield
            finally:
                self._session = None

    async def send(self, message: PushMessage, address: Mapping[str, str]) -> Outcome:
        """Raises ``BadPushAddress`` for an address that is not allowed (any more)."""
        if self._session is None:
            return Outcome(became=Became.LATER, detail="the channel is not open")
        self._addresses.check(address)
        endpoint, body = address["endpoint"], encrypted(message.payload(), address)
        headers = {
            "Authorization": self._key.authorization(
                endpoint, contact=self._contact, now=self._clock()
            ),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(message.ttl_s),
            "Urgency": "high",
            "Topic": message.topic,
        }
        try:
            async with self._session.post(
                endpoint, data=body, headers=headers, allow_redirects=False
            ) as response:
                return self._outcome(response.status, response.headers.get("Retry-After"))
        except TimeoutError:
            return Outcome(became=Became.LATER, detail="no answer in time")
        except (aiohttp.ClientError, OSError) as error:
            return Outcome(became=Became.LATER, detail=type(error).__name__)

    def _outcome(self, status: int, retry_after: str | None) -> Outcome:
        detail = f"HTTP {status}"
        if 200 <= status < 300:
            return ACCEPTED
        if status in (404, 410):
            return Outcome(became=Became.GONE, detail=detail)
        if status == 413:
            return Outcome(became=Became.REFUSED, detail=detail, loud=True)
        # 400, 401 and 403 speak of our request or our key: that, somebody has to look at.
        pause = pause_asked(retry_after, now=self._clock())
        return Outcome(
            became=Became.LATER, detail=detail, pause=pause, loud=status in (400, 401, 403)
        )


def encrypted(payload: bytes, address: Mapping[str, str]) -> bytes:
    """Encrypt for the one page that made ``address``. Raises ValueError for too long a payload."""
    if len(payload) > LONGEST_PAYLOAD:
        raise ValueError(f"a push message holds at most {LONGEST_PAYLOAD} bytes")
    subscription = {
        "endpoint": address["endpoint"],
        "keys": {"p256dh": address["p256dh"], "auth": address["auth"]},
    }
    body: bytes = WebPusher(subscription).encode(payload, "aes128gcm")["body"]
    return body
