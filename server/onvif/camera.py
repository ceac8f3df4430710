"""One camera, asked by ONVIF: what it is, what it offers, what time it has.

Every answer is bounded in time and size (`Limits`), entities are never expanded (the library reads
XML with defusedxml), no redirect is followed and no proxy asked, and whatever address the camera
gives is read as one of its own: its host is replaced by the one that was asked.
"""

import asyncio
import errno
import logging
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from onveef import AsyncOnvifClient
from onveef.exceptions import (
    OnvifAuthError,
    OnvifCapabilityMissingError,
    OnvifError,
    OnvifOperationNotSupportedError,
    OnvifTimeoutError,
    OnvifTransportError,
)
from onveef.transport import OnvifCredentials, OnvifEndpoint

from domain.addresses import Network
from domain.onvif import ClockOffset, OfferedStream, SelfDescription, Trouble
from server.onvif.addresses import Checked, OnvifTrouble, check_address
from server.onvif.forgiving import ForgivingClient

logger = logging.getLogger(__name__)

#: A camera offers a handful of profiles; an NVR one or two for each of its cameras.
MOST_STREAMS = 64
CLOCK_READINGS = 5
#: A camera that is asked to wait for news waits; `OnvifCamera.ask` has the limit of each question.
WAITS_S = 60.0

_ERRNOS = {
    errno.ECONNREFUSED: Trouble.REFUSED,
    errno.EHOSTUNREACH: Trouble.NO_ROUTE,
    errno.ENETUNREACH: Trouble.NO_ROUTE,
    errno.ETIMEDOUT: Trouble.TIMED_OUT,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """``call_s`` bounds one question with its answer, also one that trickles in."""

    call_s: float = 5.0
    connect_s: float = 3.0
    all_s: float = 15.0
    """All questions of one visit together."""
    answer_bytes: int = 256 * 1024
    networks: Sequence[Network] = ()


class OnvifCamera:
    """Asks one camera; made by `connected`."""

    def __init__(self, client: AsyncOnvifClient, where: Checked, limits: Limits) -> None:
        self.client, self.where, self._limits = client, where, limits

    async def ask[T](self, question: Awaitable[T], *, within_s: float | None = None) -> T:
        """Give the answer; raises `OnvifTrouble`."""
        try:
            async with asyncio.timeout(within_s or self._limits.call_s):
                return await question
        except (TimeoutError, OnvifTimeoutError) as error:
            raise OnvifTrouble(Trouble.TIMED_OUT) from error
        except OnvifError as error:
            raise OnvifTrouble(_reason_of(error)) from error
        except Exception as error:  # the library reads odd answers without a second look
            logger.info("an answer can't be read (%s)", type(error).__name__)
            raise OnvifTrouble(Trouble.NOT_ONVIF) from error

    async def find_services(self) -> dict[str, str]:
        """Ask where its services are, as the library would and tell nobody when it fails."""
        services = await self.ask(self.client.discover_services())
        self.client.set_endpoint(OnvifEndpoint(self.where.url, services=services))
        return services

    async def describe(self) -> SelfDescription:
        client = self.client
        services = await self.find_services()
        if not any(service in services for service in ("media", "media2")):
            raise OnvifTrouble(Trouble.NO_VIDEO if services else Trouble.NOT_ONVIF)
        about = await self.ask(client.get_device_information())
        profiles = (await self.ask(client.get_profiles()))[:MOST_STREAMS]
        streams = [await self._stream(profile) for profile in profiles]
        if not any(stream.url for stream in streams):
            raise OnvifTrouble(Trouble.NO_VIDEO)
        return SelfDescription(
            manufacturer=_short(about.get("Manufacturer")),
            model=_short(about.get("Model")),
            firmware=_short(about.get("FirmwareVersion")),
            serial=_short(about.get("SerialNumber")),
            streams=tuple(streams),
            has_ptz="ptz" in services and any(stream.moves for stream in streams),
            has_events="events" in services,
            has_loudspeaker=await self._has_loudspeaker(services),
        )

    async def _stream(self, profile: dict[str, Any]) -> OfferedStream:
        encoder = profile.get("video_encoder") or {}
        token, url = str(profile.get("token") or ""), ""
        if encoder and token:
            with suppress(OnvifTrouble):  # one profile without an address does not hide the others
                url = await self.ask(self.client.get_stream_uri(profile_token=token))
        return OfferedStream(
            token=token[:200],
            name=_short(profile.get("name")),
            codec=str(encoder.get("encoding") or "").lower().replace(".", "").replace("-", "")[:20],
            width=_size(encoder.get("width")),
            height=_size(encoder.get("height")),
            rate=encoder.get("fps_limit"),
            url=self._own(url),
            moves=bool(profile.get("ptz")),
        )

    def _own(self, url: str) -> str:
        """``url`` on the camera's own host, without credentials; "" unless it is RTSP."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return ""
        if parts.scheme not in ("rtsp", "rtsps") or not parts.hostname or len(url) > 500:
            return ""
        host = self.where.host
        where = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
        return parts._replace(netloc=where, fragment="").geturl()

    async def _has_loudspeaker(self, services: dict[str, str]) -> bool:
        if "media" not in services:
            return False
        try:
            return bool(await self.ask(self.client.get_audio_outputs()))
        except OnvifTrouble:
            return False

    async def clock(self) -> ClockOffset:
        """How far its clock is ahead of this host's; takes up to `CLOCK_READINGS` seconds."""
        found: ClockOffset | None = None
        for _ in range(CLOCK_READINGS):
            if found is not None:
                await asyncio.sleep(found.pause_before_next(datetime.now(UTC)).total_seconds())
            asked_at = datetime.now(UTC)
            said = await self.ask(self.client.get_system_date_time())
            answered_at = datetime.now(UTC)
            try:
                told = datetime(**said["UTCDateTime"], tzinfo=UTC)
            except (KeyError, ValueError, TypeError):
                raise OnvifTrouble(Trouble.NOT_ONVIF) from None
            reading = ClockOffset.read(told, asked_at=asked_at, answered_at=answered_at)
            found = reading if found is None else found.narrowed(reading)
        assert found is not None  # noqa: S101 there is at least one reading
        return found


@asynccontextmanager
async def connected(
    address: str,
    username: str | None,
    password: str | None,
    *,
    limits: Limits,
    for_long: bool = False,
) -> AsyncIterator[OnvifCamera]:
    """A camera to ask, at what an administrator wrote. Raises `OnvifTrouble`.

    ``for_long``: each question has its limit, and all together have none.
    """
    where = await check_address(address, limits.networks)
    async with AsyncExitStack() as stack:
        stack.enter_context(_in_time())
        if not for_long:
            await stack.enter_async_context(asyncio.timeout(limits.all_s))
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                timeout=httpx.Timeout(limits.call_s, connect=limits.connect_s),
                follow_redirects=False,
                trust_env=False,  # a camera is never asked through a proxy
                # A camera's certificate is its maker's or its own: nobody vouches for it. The
                # password is never sent, only its digest.
                verify=False,  # noqa: S501
                limits=httpx.Limits(max_connections=4, keepalive_expiry=20.0),
            )
        )
        client = ForgivingClient(
            endpoint=OnvifEndpoint(device_xaddr=where.url),
            credentials=OnvifCredentials(username or "", password or ""),
            auto_discover=False,
            http_client=http,
            timeout_s=WAITS_S if for_long else limits.call_s,
            connect_timeout_s=limits.connect_s,
            max_response_bytes=limits.answer_bytes,
            http_auth="digest",  # Basic would hand the password to whoever answers
            retries=0,
        )
        yield OnvifCamera(client, where, limits)


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise OnvifTrouble(Trouble.TIMED_OUT) from None


def _reason_of(error: OnvifError) -> Trouble:
    if isinstance(error, OnvifAuthError):
        return Trouble.WRONG_PASSWORD
    if isinstance(error, OnvifCapabilityMissingError | OnvifOperationNotSupportedError):
        return Trouble.NOT_SUPPORTED
    if not isinstance(error, OnvifTransportError):
        return Trouble.FAILED
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _ERRNOS:
            return _ERRNOS[cause.errno]
        cause = cause.__cause__ or cause.__context__
    if isinstance(error.__cause__, httpx.ConnectError):
        return Trouble.NO_ROUTE
    return Trouble.NOT_ONVIF


def _short(value: object) -> str:
    return " ".join(str(value or "").split())[:100]


def _size(value: object) -> int:
    return value if isinstance(value, int) and 0 < value <= 20_000 else 0
