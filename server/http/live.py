"""The live hub: what happened, told at once to every open page and phone that may see it.

Snapshot, then follow: a socket is in the hub before its snapshot is read, so it misses nothing.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from aiohttp import web
from prometheus_client import Counter, Gauge

from domain.errors import DomainError, Invalid, Unavailable
from domain.facts import AccessRevoked, ConfigurationChanged, Fact, MediaStarted, UnitChanged
from domain.identifiers import CommuneId, UnitId, ViewingId
from domain.people import Permission
from domain.positions import Position
from domain.principals import DevicePrincipal, Principal
from domain.units import Unit
from mobile_api.description import Needs, Routes
from server.bus import Bus, FellBehind, Numbered
from server.http.principal import (
    COOKIE,
    PRINCIPAL,
    SESSION,
    SUBPROTOCOL,
    TOKEN,
    check_origin,
)
from server.http.schemas import as_z
from server.http.shown import Moved, Screens, Shown
from server.http.sockets import MESSAGE_LIMIT, Ending, LiveSocket

logger = logging.getLogger(__name__)

ROUTES = Routes("live")

HEARTBEAT_S = 10.0  # a silent peer is known to be gone after 1.5 times this
CLOSING_S = 2.0  # the peer's answer to our close is not waited for longer
REVALIDATE_EVERY_S = 60.0
HEALTH_EVERY_S = 10.0
POSITIONS_EVERY_S = 2.0
WATCHING_EVERY_S = 2.0
#: What changes many things at once is told by a new snapshot.
WHOLE_LISTS = frozenset({"camera-import"})
#: Sockets that one person (a room's screens) or one device may have open at once.
MOST_OF_PERSON, MOST_OF_DEVICE = 32, 8
SOCKETS = Gauge("ilotier_live_sockets", "open live sockets", ["kind"])
TOLD = Counter("ilotier_live_messages_total", "messages queued for live sockets", ["type"])


class LiveHub:
    """Every live socket of this process. ``run`` follows the Bus until it is cancelled."""

    def __init__(self, *, bus: Bus, screens: Screens, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._screens = screens
        self._clock = clock
        self._sockets: dict[LiveSocket, None] = {}  # in the order in which they came
        self._seq = 0
        self._newest_fix: dict[UnitId, datetime] = {}
        self._fixes_read_at = clock()
        self._watched: Mapping[Fact, set[ViewingId]] = {}
        self._came = asyncio.Event()  # who opens a page is told at once whether all is well

    def __len__(self) -> int:
        return len(self._sockets)

    async def join(self, *, token: str, principal: Principal) -> LiveSocket:
        """Make a socket that hears everything from now on; ``leave`` must follow.

        Raises ``Unauthenticated``, ``Unavailable``.
        """
        self._make_room(principal)
        socket = LiveSocket(token, principal, {}, self._snapshot)
        self._sockets[socket] = None
        SOCKETS.labels(_kind(principal)).inc()
        try:
            # Asked anew now that it would hear of a change: what he was let in by may be over.
            socket.principal = await self._screens.authenticate(token)
            socket.may_see = await self._screens.may_see(socket.principal)
        except BaseException:  # also when cancelled: nobody else would take it out
            self.leave(socket)
            raise
        self._came.set()
        return socket

    def _make_room(self, principal: Principal) -> None:
        """End the oldest sockets of one who has too many: all that he opened would cost us."""
        is_device = isinstance(principal, DevicePrincipal)
        own = [s for s in self._sockets if s.principal.actor == principal.actor]
        most = MOST_OF_DEVICE if is_device else MOST_OF_PERSON
        for socket in own[: max(0, len(own) + 1 - most)]:
            socket.end(Ending.TOO_SLOW)

    def leave(self, socket: LiveSocket) -> None:
        self._sockets.pop(socket, None)
        SOCKETS.labels(_kind(socket.principal)).dec()

    def say_goodbye(self) -> None:
        """End every socket: this process is stopping."""
        for socket in self._sockets:
            socket.end(Ending.GOING_AWAY)

    def heard(self, unit: Unit, position: Position) -> None:
        """Show a unit's fix at once (``mobile_api.keys.PositionListener``)."""
        self._show(Moved(commune_id=unit.commune_id, unit_id=unit.id, position=position))

    async def run(self) -> None:
        """Follow the Bus, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(), name="live hub: facts")
            group.create_task(self._every(REVALIDATE_EVERY_S, self._revalidate_all))
            group.create_task(self._every(HEALTH_EVERY_S, self._tell_health, self._came))
            group.create_task(self._every(POSITIONS_EVERY_S, self._tell_positions))
            group.create_task(self._every(WATCHING_EVERY_S, self._tell_watching))

    async def _follow(self) -> None:
        while True:
            with self._bus.follow() as facts:
                # What happened between two followings is in the snapshot.
                for socket in self._sockets:
                    socket.offer_snapshot()
                with suppress(FellBehind):
                    async for numbered in facts:
                        await self._hear(numbered)
            logger.warning("the live hub fell behind; sockets get a new snapshot")

    async def _hear(self, numbered: Numbered) -> None:
        fact = numbered.fact
        anew = isinstance(fact, ConfigurationChanged) and fact.object in WHOLE_LISTS
        try:
            await self._tell_fact(numbered)
        except DomainError as error:
            # The object could not be read: every screen reads the whole picture again instead.
            logger.warning("a fact could not be shown (%s): %s", fact.kind, error)
            anew = True
        for socket in self._sockets:
            if anew or _is_of_crews(fact, socket.principal):
                socket.offer_snapshot()
        self._seq = numbered.seq

    async def _tell_fact(self, numbered: Numbered) -> None:
        fact = numbered.fact
        if isinstance(fact, AccessRevoked):
            await self._revalidate_all(fact)
            return
        if isinstance(fact, MediaStarted):
            message = json.dumps({"type": "media-started", "holder": fact.holder})
            self._tell(self._sockets, "media-started", message)
            return
        if isinstance(fact, UnitChanged):
            await self._follow_shifts(fact)
        if not self._sockets:
            return
        shown = await self._screens.changed(fact)
        if shown is None or fact.commune_id is None:
            return
        commune = CommuneId(fact.commune_id)
        room = [s for s in self._sockets if _sees(s, shown.permission, commune)]
        self._tell(room, "fact", _message(numbered, shown))
        for socket in list(self._sockets):
            device = socket.principal
            if isinstance(device, DevicePrincipal) and _is_of(device, shown.units):
                mine = await self._screens.changed_for(fact, device)
                if mine is not None:
                    self._tell([socket], "fact", _message(numbered, mine))

    async def _follow_shifts(self, fact: UnitChanged) -> None:
        """A phone whose shift began, paused or ended sees other things: it gets all of them."""
        for socket in list(self._sockets):
            principal = socket.principal
            if isinstance(principal, DevicePrincipal) and (
                principal.device.commune_id == fact.commune_id
            ):
                before = principal.shift
                await self._revalidate(socket, Ending.EXPIRED)
                after = socket.principal
                if isinstance(after, DevicePrincipal) and after.shift != before:
                    socket.offer_snapshot()

    async def _revalidate_all(self, revoked: AccessRevoked | None = None) -> None:
        """Ask again who everybody is, or only those that ``revoked`` is about."""
        ending = Ending.EXPIRED if revoked is None else Ending.REVOKED
        for socket in list(self._sockets):
            if revoked is None or _concerns(revoked, socket.principal):
                before = socket.may_see
                await self._revalidate(socket, ending)
                if socket.may_see != before:
                    socket.offer_snapshot()

    async def _revalidate(self, socket: LiveSocket, ending: Ending) -> None:
        try:
            socket.principal = await self._screens.authenticate(socket.token)
            socket.may_see = await self._screens.may_see(socket.principal)
        except Unavailable:
            logger.warning("a live socket could not be checked: the database is away")
        except DomainError:
            # A device's token does not expire: where it holds no more, it was revoked.
            is_device = isinstance(socket.principal, DevicePrincipal)
            socket.end(Ending.REVOKED if is_device else ending)

    async def _tell_health(self) -> None:
        room = [s for s in self._sockets if not isinstance(s.principal, DevicePrincipal)]
        if not room:
            return
        readings = await self._screens.health()
        for socket in room:
            shown = readings.shown_to(socket.may_see).model_dump_json()
            self._tell([socket], "health", f'{{"type":"health","health":{shown}}}')

    async def _tell_positions(self) -> None:
        """Show fixes that another control process received; ours were shown on arrival.

        All since they were read, however long the database has been away.
        """
        now = self._clock()
        if self._sockets:
            since = self._fixes_read_at - timedelta(seconds=2 * POSITIONS_EVERY_S)
            for moved in await self._screens.moved_since(since):
                self._show(moved)
        self._fixes_read_at = now

    async def _tell_watching(self) -> None:
        """Show again what is watched by others than before, also if they are as many.

        Beginning to watch is no fact: it changes nothing of the camera, and on a wall it happens
        all the time. Its end is one, and shown when it is heard.
        """
        if not self._sockets:
            return
        before, self._watched = self._watched, await self._screens.watched()
        for fact in before.keys() | self._watched.keys():
            if before.get(fact) != self._watched.get(fact):
                await self._tell_fact(Numbered(self._seq, replace(fact, at=self._clock())))

    def _show(self, moved: Moved) -> None:
        """Show a fix, unless one as new is shown already."""
        position = moved.position
        shown = self._newest_fix.get(moved.unit_id)
        if shown is not None and position.fixed_at <= shown:
            return
        self._newest_fix[moved.unit_id] = position.fixed_at
        message = {"type": "position", "unit_id": str(moved.unit_id)}
        document = json.dumps(message | {"position": position_document(position)})
        room = [s for s in self._sockets if _sees(s, Permission.SEE_UNITS, moved.commune_id)]
        self._tell(room, "position", document)

    async def _every(
        self,
        seconds: float,
        work: Callable[[], Awaitable[None]],
        sooner: asyncio.Event | None = None,
    ) -> None:
        """Do ``work`` again and again, or when ``sooner`` is set; what came meanwhile is one."""
        called = sooner or asyncio.Event()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await called.wait()
            called.clear()
            try:
                await work()
            except DomainError as error:
                logger.warning("the live hub waits: %s", error)

    async def _snapshot(self, socket: LiveSocket) -> str:
        return await self._screens.snapshot(socket.principal, token=socket.token, seq=self._seq)

    def _tell(self, sockets: Iterable[LiveSocket], kind: str, message: str) -> None:
        for socket in sockets:
            TOLD.labels(kind).inc()
            socket.offer(message)


HUB: web.AppKey[LiveHub] = web.AppKey("HUB")


@ROUTES.get(
    "/live",
    needs=Needs.SESSION_OR_DEVICE,
    summary="The live socket (WebSocket): a snapshot, then what happens, as it happens.",
    answers={101: None},
    problems=("not-from-here",),
)
async def follow(request: web.Request) -> web.StreamResponse:
    """Open a live socket: a page with its cookie, from our own origin; others with a bearer."""
    check_origin(request, required=SESSION in request and COOKIE in request.cookies)
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise Invalid("open this address as a WebSocket")
    ws = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S,
        max_msg_size=MESSAGE_LIMIT,
        protocols=(SUBPROTOCOL,),
        timeout=CLOSING_S,
    )
    hub = request.config_dict[HUB]
    socket = await hub.join(token=request[TOKEN], principal=request[PRINCIPAL])
    try:
        await ws.prepare(request)
        await socket.run(ws)
    finally:
        hub.leave(socket)
    return ws


def position_document(position: Position) -> dict[str, object]:
    """Give a fix as the API writes it."""
    return {
        "point": {"type": "Point", "coordinates": [position.point.lon, position.point.lat]},
        "accuracy_m": position.accuracy_m,
        "heading_deg": position.heading_deg,
        "speed_mps": position.speed_mps,
        "fixed_at": as_z(position.fixed_at),
    }


def _message(numbered: Numbered, shown: Shown) -> str:
    fact = numbered.fact.as_json() | {"type": "fact", "seq": numbered.seq}
    fact["at"] = as_z(numbered.fact.at)
    # The document is JSON already: it is put in as it is.
    return f"{json.dumps(fact)[:-1]},{json.dumps(shown.name)}:{shown.document}}}"


def _sees(socket: LiveSocket, permission: Permission, commune: CommuneId) -> bool:
    """Tell whether a person's page shows this; a phone is told of its own unit's things only."""
    if isinstance(socket.principal, DevicePrincipal):
        return False
    return commune in socket.may_see.get(permission, frozenset())


def _is_of(device: DevicePrincipal, units: Collection[UnitId]) -> bool:
    return device.shift is not None and device.shift.unit_id in units


def _is_of_crews(fact: Fact, principal: Principal) -> bool:
    """A unit was changed: what its crew's phone is shown, and may do, hangs on its kind."""
    return (
        isinstance(fact, ConfigurationChanged)
        and fact.object == "unit"
        and isinstance(principal, DevicePrincipal)
        and principal.device.commune_id == fact.commune_id
    )


def _concerns(revoked: AccessRevoked, principal: Principal) -> bool:
    if principal.person.id == revoked.person_id:
        return True
    return isinstance(principal, DevicePrincipal) and principal.device.id == revoked.device_id


def _kind(principal: Principal) -> str:
    return "device" if isinstance(principal, DevicePrincipal) else "person"
