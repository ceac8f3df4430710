"""What control asks of cameras through this process, which alone connects to them: by ONVIF."""

import asyncio
import json
from collections.abc import Coroutine, Sequence
from dataclasses import asdict
from typing import Any, TypedDict

from aiohttp import web

from domain.addresses import Network
from domain.errors import Invalid
from domain.onvif import ClockOffset, SelfDescription, choose_streams
from domain.ptz import Velocity, Whereabouts
from server.database.camera_clocks import Timed
from server.database.tours import Mobile
from server.onvif.addresses import OnvifTrouble
from server.onvif.apart import Apart
from server.onvif.camera import Limits, connected
from server.onvif.discovery import Group, discover, interfaces
from server.onvif.heads import Heads, Who

LISTEN_S = 3.0
NAMES = frozenset({"address", "username", "password"})
WHO = NAMES | {"profile"}
SPEEDS = ("pan", "tilt", "zoom")


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
        self._heads = Heads(limits=self._limits)
        self._listen_s, self._group = listen_s, group

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/onvif/discover", self._discover)
        app.router.add_post("/onvif/describe", self._describe)
        app.router.add_post("/onvif/clock", self._clock)
        app.router.add_post("/onvif/move", self._move)
        app.router.add_post("/onvif/act", self._act)
        app.router.add_post("/onvif/head", self._head)

    async def run(self) -> None:
        """Keep what moves cameras running."""
        await self._apart.do(self._heads.run())

    async def go_to(self, mobile: Mobile, preset: str) -> None:
        """Raises ``OnvifTrouble``."""
        await self._apart.do(self._heads.go_to(_of(mobile), preset))

    async def clock_of(self, timed: Timed) -> ClockOffset:
        """Its clock minus this host's; raises ``OnvifTrouble``."""
        asked = Asked(address=timed.address, username=timed.username, password=timed.password)
        return await self._apart.do(_clock(asked, self._limits))

    async def where(self, mobile: Mobile) -> Whereabouts:
        """Where it looks, as it says; raises ``OnvifTrouble``."""
        return (await self._apart.do(self._heads.state(_of(mobile)))).at

    async def _discover(self, request: web.Request) -> web.Response:
        """``{interface?}`` -> ``{reason, interfaces, found}``: who answers on this host's links."""
        given = _object(await request.read(), {"interface"})
        own = await asyncio.to_thread(interfaces, self._limits.networks)
        interface = given.get("interface")
        if interface is not None and interface not in own:
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

    async def _move(self, request: web.Request) -> web.Response:
        """``{…, pan, tilt, zoom}`` -> ``{reason}``, once the camera has taken it."""
        given = _object(await request.read(), WHO | set(SPEEDS))
        velocity = Velocity(*(_number(given, name) for name in SPEEDS)).shaped()
        return await self._told(self._heads.move(_who(given), velocity))

    async def _act(self, request: web.Request) -> web.Response:
        """``{…, act, what?, name?, pan?, tilt?}`` -> ``{reason}``."""
        given = _object(await request.read(), WHO | {"act", "what", "name", "pan", "tilt"})
        who, what, heads = _who(given), given.get("what") or "", self._heads
        match given.get("act"):
            case "preset":
                doing = heads.go_to(who, what)
            case "keep":
                doing = heads.keep(who, given.get("name") or "", what or None)
            case "turn":
                aim = Velocity(_number(given, "pan"), _number(given, "tilt"))
                doing = heads.turn(who, aim.pan, aim.tilt)
            case "tour-start" | "tour-stop" as act:
                doing = heads.tour(who, what, start=act == "tour-start")
            case _:
                raise Invalid("there is no such act")
        return await self._told(doing)

    async def _told(self, doing: Coroutine[None, None, None]) -> web.Response:
        try:
            await self._apart.do(doing)
        except OnvifTrouble as trouble:
            return web.json_response({"reason": trouble.reason})
        return web.json_response({"reason": None})

    async def _head(self, request: web.Request) -> web.Response:
        """-> ``{reason, state}``: where it looks, its presets and tours."""
        who = _who(_object(await request.read(), WHO))
        try:
            state = await self._apart.do(self._heads.state(who))
        except OnvifTrouble as trouble:
            return web.json_response({"reason": trouble.reason, "state": None})
        return web.json_response({"reason": None, "state": asdict(state)})


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
    if not all(isinstance(v, str | None) for name, v in given.items() if name not in SPEEDS):
        raise Invalid("each value is a text")
    return given


def _number(given: dict[str, Any], name: str) -> float:
    value = given.get(name, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(f"{name} is a number")
    return float(value)


def _who(given: dict[str, Any]) -> Who:
    if not given.get("address") or not given.get("profile"):
        raise Invalid("the address or the profile is missing")
    return Who(given["address"], given["profile"], given.get("username"), given.get("password"))


def _of(mobile: Mobile) -> Who:
    return Who(mobile.address, mobile.profile, mobile.username, mobile.password)


def _asked(body: bytes) -> Asked:
    given = _object(body, NAMES)
    if not given.get("address"):
        raise Invalid("the address is missing")
    return {
        "address": given["address"],
        "username": given.get("username"),
        "password": given.get("password"),
    }
