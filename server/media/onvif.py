"""What control asks of cameras through this process, which alone connects to them: by ONVIF."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypedDict

from aiohttp import web

from domain.errors import Invalid
from domain.onvif import ClockOffset, SelfDescription, choose_streams
from server.onvif.addresses import Network, OnvifTrouble
from server.onvif.apart import Apart
from server.onvif.camera import Limits, connected
from server.onvif.discovery import Group, discover, interfaces

LISTEN_S = 3.0
NAMES = frozenset({"address", "username", "password"})


class Asked(TypedDict):
    address: str
    username: str | None
    password: str | None


class Onvif:
    """Serves ``/onvif/…``; ``networks`` empty: any address that a camera may have."""

    def __init__(
        self,
        *,
        apart: Apart,
        networks: Sequence[Network],
        call_s: float,
        listen_s: float = LISTEN_S,
        group: Group | None = None,
    ) -> None:
        self._apart = apart
        self._limits = Limits(call_s=call_s, networks=networks)
        self._listen_s, self._group = listen_s, group

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/onvif/discover", self._discover)
        app.router.add_post("/onvif/describe", self._describe)
        app.router.add_post("/onvif/clock", self._clock)

    async def _discover(self, request: web.Request) -> web.Response:
        """``{interface?}`` -> ``{reason, interfaces, found}``: who answers on this host's links."""
        given = _object(await request.read(), {"interface"})
        own = await asyncio.to_thread(interfaces)
        interface = given.get("interface")
        if interface is not None and interface not in own and not self._may_use(interface):
            raise Invalid("the interface is not an address of this host")
        try:
            asking = discover(
                [interface] if interface is not None else own,
                listen_s=self._listen_s,
                networks=self._limits.networks,
                group=self._group,
            )
            found = await self._apart.do(asking)
        except OnvifTrouble as trouble:
            return web.json_response({"reason": trouble.reason, "interfaces": own, "found": []})
        listed = [asdict(one) for one in found]
        return web.json_response({"reason": None, "interfaces": own, "found": listed})

    def _may_use(self, interface: str) -> bool:
        """Loopback, where the networks that were set include it."""
        loopback = interface.startswith("127.")
        return loopback and any(network.is_loopback for network in self._limits.networks)

    async def _describe(self, request: web.Request) -> web.Response:
        """-> ``{reason, camera, main, sub}``: what it offers, and which streams we would take."""
        asked = _asked(await request.read())
        try:
            said = await self._apart.do(_describe(asked, self._limits))
        except OnvifTrouble as trouble:
            nothing = {"reason": trouble.reason, "camera": None, "main": None, "sub": None}
            return web.json_response(nothing)
        main, sub = choose_streams(said.streams)
        return web.json_response(
            {
                "reason": None,
                "camera": asdict(said),
                "main": main.token if main is not None else None,
                "sub": sub.token if sub is not None else None,
            }
        )

    async def _clock(self, request: web.Request) -> web.Response:
        """-> ``{reason, offset_ms, uncertainty_ms, alarming}``: its clock minus this host's."""
        asked = _asked(await request.read())
        try:
            offset = await self._apart.do(_clock(asked, self._limits))
        except OnvifTrouble as trouble:
            said: dict[str, Any] = {"reason": trouble.reason, "alarming": False}
            return web.json_response(said | {"offset_ms": None, "uncertainty_ms": None})
        return web.json_response(
            {
                "reason": None,
                "offset_ms": round(offset.likely.total_seconds() * 1000, 1),
                "uncertainty_ms": round(offset.uncertainty.total_seconds() * 1000, 1),
                "alarming": offset.is_alarming,
            }
        )


async def _describe(asked: Asked, limits: Limits) -> SelfDescription:
    async with connected(**asked, limits=limits) as camera:
        return await camera.describe()


async def _clock(asked: Asked, limits: Limits) -> ClockOffset:
    async with connected(**asked, limits=limits) as camera:
        return await camera.clock()


def _object(body: bytes, names: set[str] | frozenset[str]) -> dict[str, Any]:
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        raise Invalid("the body is no JSON") from None
    if not isinstance(given, dict) or not set(given) <= names:
        raise Invalid(f"the body is an object of {', '.join(sorted(names))}")
    if not all(isinstance(value, str | None) for value in given.values()):
        raise Invalid("each value is a text")
    return given


def _asked(body: bytes) -> Asked:
    given = _object(body, NAMES)
    if not given.get("address"):
        raise Invalid("the address is missing")
    return {
        "address": given["address"],
        "username": given.get("username"),
        "password": given.get("password"),
    }
