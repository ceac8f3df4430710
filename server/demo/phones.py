"""Simulated patrol phones: they speak the real HTTP API, as a phone in the street does.

A phone enrols with its code, begins its shift, sends its positions every two seconds and follows
the live socket. It says by itself only what a phone says by itself: that something has arrived. It
acknowledges nothing and reads nothing; but its unit walks to a point it is guided to.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout, WSMsgType

from server.demo.patrols import Fix, Patrol
from server.demo.town import Town
from server.streets.errors import NoRoute
from server.streets.graph import Mode, StreetGraph

logger = logging.getLogger(__name__)

API = "/api/v1"
FIX_EVERY_S = 1.0
SEND_EVERY_S = 2.0
RETRY_S = 2.0  # after control did not answer
ANSWER_LIMIT_S = 10.0
HEARTBEAT_S = 15.0
KEPT_FIXES = 500  # what one request may carry: eight minutes without network; then the oldest go
KEPT_IDS = 200

type Json = dict[str, Any]
type Clock = Callable[[], datetime]


class PhoneRefused(Exception):
    """Control answered with a problem that trying again does not cure; the text names it."""


@dataclass(kw_only=True, eq=False)
class SimulatedPhone:
    """One phone in its unit's pocket. ``run`` is its whole life, until it is cancelled or refused.

    ``code`` is its one-time enrolment code, ``call_sign`` the unit it begins its shift in.
    """

    patrol: Patrol
    call_sign: str
    code: str
    pin: str = "2580"
    clock: Clock = lambda: datetime.now(UTC)
    fix_every_s: float = FIX_EVERY_S
    send_every_s: float = SEND_EVERY_S
    _fixes: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT_FIXES))
    _arrived: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_IDS))
    _token: str = ""

    async def run(self, url: str) -> None:
        """Live at ``url``, control's plain address. Raises PhoneRefused (code used, revoked…)."""
        timeout = ClientTimeout(total=ANSWER_LIMIT_S)
        async with ClientSession(url, timeout=timeout) as http:
            me = await self._insisting(http, "POST", "enrolment", code=self.code, pin=self.pin)
            self._token = me["token"]
            units = {unit["call_sign"]: unit["id"] for unit in me["units"]}
            if self.call_sign not in units:
                raise PhoneRefused(f"there is no unit {self.call_sign}")
            begun = {"id": str(uuid4()), "unit_id": units[self.call_sign], "pin": self.pin}
            await self._insisting(http, "POST", "shift", **begun)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._walk(), name=f"{self.call_sign} walks")
                    group.create_task(self._report(http), name=f"{self.call_sign} reports")
                    group.create_task(self._listen(http), name=f"{self.call_sign} listens")
            except* PhoneRefused as refused:
                raise PhoneRefused(f"{self.call_sign}: {refused.exceptions[0]}") from refused

    async def _walk(self) -> None:
        async for fix in self.patrol.fixes(every_s=self.fix_every_s):
            self._fixes.append(_fix_body(fix, at=self.clock()))

    async def _report(self, http: ClientSession) -> None:
        while True:
            await asyncio.sleep(self.send_every_s)
            sent = list(self._fixes)
            if not sent:
                continue
            body = {"positions": sent, "sent_at": _instant(self.clock())}
            # A fix whose answer was lost is sent again: it has an id, and is stored once.
            await self._insisting(http, "POST", "positions", **body)
            for fix in sent:
                if self._fixes and self._fixes[0] is fix:
                    self._fixes.popleft()

    async def _listen(self, http: ClientSession) -> None:
        protocols = ("ilotier.v1", f"bearer.{self._token}")
        while True:
            try:
                async with http.ws_connect(
                    f"{API}/live", protocols=protocols, heartbeat=HEARTBEAT_S
                ) as socket:
                    async for message in socket:
                        if message.type is WSMsgType.TEXT:
                            await self._hear(http, message.json())
            except (ClientError, TimeoutError) as error:
                logger.info("%s: the live socket is away (%s)", self.call_sign, error)
            await asyncio.sleep(RETRY_S)

    async def _hear(self, http: ClientSession, message: Json) -> None:
        """Say what has arrived; walk where the newest guidance points to."""
        snapshot = message.get("type") == "snapshot"
        alerts = message.get("alerts", []) if snapshot else [message.get("alert")]
        guidances = message.get("guidance", []) if snapshot else [message.get("guidance")]
        for alert in alerts:
            if alert and alert["state"] == "sent" and self._is_new(alert["id"]):
                await self._say_arrived(http, f"alerts/{alert['id']}")
        for guidance in sorted(filter(None, guidances), key=lambda one: str(one["sent_at"])):
            if self._is_new(guidance["id"]):
                self._obey(guidance)
                await self._say_arrived(http, f"guidance/{guidance['id']}")

    async def _say_arrived(self, http: ClientSession, thing: str) -> None:
        try:
            await self._insisting(http, "POST", f"{thing}/arrival")
        except PhoneRefused as error:  # taken back meanwhile: nothing to say any more
            logger.info("%s: %s", self.call_sign, error)

    def _obey(self, guidance: Json) -> None:
        if guidance["point"] is None:
            return
        lon, lat = guidance["point"]["coordinates"]
        try:
            metres = self.patrol.go_to(lon, lat)
        except NoRoute as error:
            logger.warning("%s cannot go there: %s", self.call_sign, error)
        else:
            logger.info("%s is on its way, %.0f m", self.call_sign, metres)

    def _is_new(self, thing: str) -> bool:
        if thing in self._arrived:
            return False
        self._arrived.append(thing)
        return True

    async def _insisting(self, http: ClientSession, method: str, path: str, **body: Any) -> Json:
        """Return the answer, however long control is away. Raises PhoneRefused for a refusal."""
        while True:
            try:
                return await self._ask(http, method, path, body)
            except (ClientError, TimeoutError) as error:
                logger.info("%s: control is away (%s)", self.call_sign, error)
            await asyncio.sleep(RETRY_S)

    async def _ask(self, http: ClientSession, method: str, path: str, body: Json) -> Json:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with http.request(
            method, f"{API}/mobile/{path}", json=body or None, headers=headers
        ) as response:
            if response.status >= 500:
                response.raise_for_status()
            answer: Json = await response.json(content_type=None)
            if response.status >= 400:
                raise PhoneRefused(f"{path}: {answer.get('title')} ({answer.get('detail')})")
            return answer


async def run_phones(url: str, phones: Sequence[SimulatedPhone]) -> None:
    """Run every phone until cancelled. One that is refused is logged; the others go on."""

    async def run(phone: SimulatedPhone) -> None:
        try:
            await phone.run(url)
        except PhoneRefused as error:
            logger.error("a simulated phone has stopped: %s", error)

    async with asyncio.TaskGroup() as group:
        for phone in phones:
            group.create_task(run(phone), name=phone.call_sign)


def simulated_phones(
    town: Town, *, map_folder: Path, codes: Mapping[str, str]
) -> list[SimulatedPhone]:
    """Return the phones of the units that nobody else carries. Blocks: reads the street graph.

    ``codes`` maps a device's name to its enrolment code. Raises KeyError for a missing one,
    MapUnreadable without a map.
    """
    graphs: dict[Mode, StreetGraph] = {}
    phones = []
    for device in town.devices:
        unit = town.unit(device.call_sign)
        if unit.start is None:
            continue
        if unit.mode not in graphs:
            graphs[unit.mode] = StreetGraph.read(map_folder, unit.mode)
        start = (unit.start.lon, unit.start.lat)
        patrol = Patrol(graphs[unit.mode], start=start, mode=unit.mode, seed=unit.seed)
        phones.append(
            SimulatedPhone(patrol=patrol, call_sign=unit.call_sign, code=codes[device.name])
        )
    return phones


def _fix_body(fix: Fix, *, at: datetime) -> Json:
    return {
        "id": str(uuid4()),
        "point": {"type": "Point", "coordinates": [fix.lon, fix.lat]},
        "fixed_at": _instant(at),
        "accuracy_m": fix.accuracy_m,
        "heading_deg": fix.heading_deg,
        "speed_mps": fix.speed_mps,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
