"""Stills: one picture of a camera or of an alert, given only once the register says so."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from aiohttp import web

from domain.alerts import Alert
from domain.cameras import Camera
from domain.errors import DomainError, NotFound, Unavailable
from domain.identifiers import StillId
from domain.principals import DevicePrincipal, Principal
from domain.register import Action, Entry
from mobile_api.keys import Still
from server.database.alerts import Alerts
from server.database.register import Register
from server.database.stills import NewStill
from server.http.media import Media

#: An alert raised by hand waits no longer for its picture.
PATIENCE_S = 2.0


class Stills:
    """Gives pictures to people and to phones (``mobile_api.keys.Stills``)."""

    def __init__(
        self,
        *,
        media: Media,
        alerts: Alerts,
        register: Register,
        clock: Callable[[], datetime],
    ) -> None:
        self._media = media
        self._alerts = alerts
        self._register = register
        self._clock = clock

    async def of_camera(self, principal: Principal, camera: Camera, *, motive: str = "") -> Still:
        """Ask the media process; raises ``StreamOffline`` or ``Unavailable``."""
        still = await self._taken(camera)
        await self._note(principal, camera, motive, about=f"camera:{camera.id}")
        return still

    async def of_alert(self, principal: Principal, alert: Alert) -> Still:
        """Raises ``NotFound`` when the alert has none, or it was purged."""
        kept = await self._alerts.still_of(alert.id)
        if kept is None:
            raise NotFound("this alert has no picture (any more)")
        await self._note(principal, alert, "alert", about=f"alert:{alert.id}")
        return Still(jpeg=kept.jpeg, taken_at=kept.taken_at)

    async def taken_now(self, camera: Camera) -> NewStill | None:
        """Take the picture that goes with an alert; None when the camera gives none just now."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                still = await self._taken(camera)
        except (DomainError, TimeoutError):  # an alert is worth more than its picture
            return None
        return NewStill(id=StillId(uuid4()), taken_at=still.taken_at, jpeg=still.jpeg)

    async def _taken(self, camera: Camera) -> Still:
        process = await self._media.of_camera(camera)
        answered = await self._media.still(process, camera.main_stream_id)
        try:
            taken_at = datetime.fromisoformat(answered.headers["X-Captured-At"])
        except (KeyError, ValueError):
            raise Unavailable("the media process gave a picture without its time") from None
        return Still(jpeg=answered.body, taken_at=taken_at)

    async def _note(
        self, principal: Principal, thing: Camera | Alert, motive: str, *, about: str
    ) -> None:
        data: dict[str, object] = {}
        if isinstance(principal, DevicePrincipal):
            data["device"] = str(principal.device.id)
        await self._register.write(
            Entry(
                at=self._clock(),
                actor=principal.actor,
                action=Action.STILL_VIEWED,
                about=about,
                commune_id=thing.commune_id,
                motive=motive,
                data=data,
            )
        )


STILLS = web.AppKey("STILLS", Stills)
