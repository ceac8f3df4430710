"""What a camera says by itself, asked for by pull-point: one subscription, renewed, ended."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from typing import Any

from domain.notices import Notice
from domain.onvif import Trouble
from server.onvif.addresses import OnvifTrouble
from server.onvif.apart import Apart
from server.onvif.camera import Limits, OnvifCamera, connected

POLL_S = 10
KEPT, RENEW_EVERY_S = "PT60S", 30.0
MOST_A_POLL = 50


class Subscription:
    """Everything in it runs on the loop that is apart."""

    def __init__(
        self, address: str, username: str | None, password: str | None, *, limits: Limits
    ) -> None:
        self._who = address, username, password
        self._limits = limits
        self._stack = AsyncExitStack()
        self._camera: OnvifCamera | None = None
        self._url = ""
        self._renew_at = 0.0

    async def open(self) -> None:
        address, username, password = self._who
        self._camera = await self._stack.enter_async_context(
            connected(address, username, password, limits=self._limits, for_long=True)
        )
        await self._camera.find_services()
        asking = self._camera.client.events_create_pull_point(termination_time=KEPT)
        said = await self._camera.ask(asking)
        self._url = str(said.get("subscription_url") or "")
        if not self._url:
            raise OnvifTrouble(Trouble.NOT_SUPPORTED)
        self._renew_at = time.monotonic() + RENEW_EVERY_S

    async def pull(self) -> list[Notice]:
        """Wait for what the camera says next, at most `POLL_S`."""
        assert self._camera is not None  # noqa: S101 opened first
        client = self._camera.client
        if time.monotonic() >= self._renew_at:
            renewing = client.events_renew(subscription_url=self._url, termination_time=KEPT)
            await self._camera.ask(renewing)
            self._renew_at = time.monotonic() + RENEW_EVERY_S
        pulling = client.events_pull_messages(
            subscription_url=self._url, timeout=f"PT{POLL_S}S", message_limit=MOST_A_POLL
        )
        said = await self._camera.ask(pulling, within_s=POLL_S + self._limits.call_s)
        return [_read(one) for one in said["messages"][:MOST_A_POLL]]

    async def close(self) -> None:
        if self._camera is not None and self._url:
            with suppress(OnvifTrouble):
                await self._camera.ask(
                    self._camera.client.events_unsubscribe(subscription_url=self._url)
                )
        async with asyncio.timeout(self._limits.call_s):
            await self._stack.aclose()


class SubscribedApart:
    """The same, for the process's own loop."""

    def __init__(self, apart: Apart, subscription: Subscription) -> None:
        self._apart, self._subscription = apart, subscription

    async def open(self) -> None:
        await self._apart.do(self._subscription.open())

    async def pull(self) -> list[Notice]:
        return await self._apart.do(self._subscription.pull())

    async def close(self) -> None:
        await self._apart.do(self._subscription.close())


def _read(said: dict[str, Any]) -> Notice:
    return Notice(
        topic=str(said["topic"])[:300],
        operation=str(said["property_operation"])[:20],
        source=_short(said["source"]),
        data=_short(said["data"]),
    )


def _short(items: dict[str, str]) -> dict[str, str]:
    return {name[:60]: value[:100] for name, value in [*items.items()][:10]}
