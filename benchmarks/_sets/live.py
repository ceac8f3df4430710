"""From a foot that crosses, on a camera over RTSP, to the alert in an operator's live socket.

A whole town (`ilotier demo`) with two cameras more, which play a rendered loop: somebody walks into
the zone, and out of the picture. When the picture leaves the RTSP server is known, and so is when
between two pictures the foot crosses. The alert is taken from the socket that an operator's page
opens; what the browser takes to draw it is not counted. Each alert is confirmed, so that the next
one is raised anew.
"""

import asyncio
import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks._rtsp_source import Film, Player
from benchmarks._sets.casting import Casting, casting
from benchmarks._sets.filming import FRAMES_PER_S, film
from benchmarks._sets.looking import packets
from benchmarks._sets.play import Play, Truth, Way, first_in, rule_of, zone_on
from benchmarks._sets.scoring import percentile
from domain.events import EventKind
from tests.e2e.api import Api, signed_in, until
from tests.town import Town, running_town

KIND = EventKind.FORBIDDEN_ZONE
LOOP_S = 13
"""A whole number of seconds, so that it begins with a keyframe; long enough to close an event."""
CAMERAS = 2
LIVE_WITHIN_S = 60.0
SEED = 1999


def measured(folder: Path, crossings: int) -> dict[str, Any]:
    """Run the town in ``folder`` until so many crossings were seen, or missed."""
    drama = _drama(casting(SEED, 0))
    film(drama, folder / "loop.mp4")
    stream = folder / "loop.h264"
    stream.write_bytes(b"".join(one.data for one in packets(folder / "loop.mp4")))
    with running_town(folder) as town:
        return asyncio.run(_watch(town, drama, stream, crossings))


def _drama(cast: Casting) -> Play:
    scene = "gare"
    zone = zone_on((-1.0, 5.8), (1.6, 5.8), (1.6, 8.0), (-1.0, 8.0))
    way = Way.at(1.4, 1.0, (-6.0, 7.0), (6.0, 7.0))
    begins_s = first_in(way, zone)
    return cast.play(
        "walks in on RTSP",
        rule_of(KIND, zone),
        cast.person(scene, way),
        scene=scene,
        seconds=float(LOOP_S),
        truths=(Truth(begins_s, begins_s + 3.0),),
    )


async def _watch(town: Town, drama: Play, stream: Path, crossings: int) -> dict[str, Any]:
    crossed_at = _Crossings(drama)
    source = Film(stream, FRAMES_PER_S, sent=crossed_at.sent)
    delays: list[float] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Player(source), "127.0.0.1", 0)
    async with (
        asyncio.TaskGroup() as tasks,
        signed_in(town, "administrator") as administrator,
        signed_in(town, "operator") as operator,
    ):
        running = tasks.create_task(source.run())
        cameras = await _add_cameras(administrator, server.sockets[0].getsockname()[1], drama)
        seconds = LIVE_WITHIN_S + (ceil(crossings / CAMERAS) + 2) * LOOP_S
        with suppress(TimeoutError):  # what was missed shows in the count
            async with asyncio.timeout(seconds):
                await _hear(town, operator, cameras, crossed_at, delays, crossings)
        running.cancel()
    server.close()
    seen = len(crossed_at.times)
    return {
        "crossings_heard": len(delays),
        "loops_sent": seen,
        "cameras": CAMERAS,
        "delay_s_p50": percentile(delays, 50) if delays else None,
        "delay_s_p95": percentile(delays, 95) if delays else None,
        "delay_s_max": round(max(delays), 3) if delays else None,
    }


class _Crossings:
    """When the foot crossed, on the clock of this host: once a loop."""

    def __init__(self, drama: Play) -> None:
        begins_s = drama.truths[0].begins_s
        self._picture = ceil(begins_s * FRAMES_PER_S)
        self._before_s = self._picture / FRAMES_PER_S - begins_s
        self._pictures = round(drama.seconds * FRAMES_PER_S)
        self.times: list[float] = []

    def sent(self, number: int) -> None:
        if number % self._pictures == self._picture:
            self.times.append(time.time() - self._before_s)

    def last(self, at: float) -> float | None:
        """Give the newest crossing before that time."""
        return max((one for one in self.times if one <= at), default=None)


async def _add_cameras(api: Api, port: int, drama: Play) -> set[str]:
    there = await api.get("/cameras")
    like = there[0]
    [order] = await api.get("/orders")
    kept = ("commune_id", "point", "bearing_deg", "field_of_view_deg", "range_m")
    added = []
    for number in range(CAMERAS):
        one = {name: like[name] for name in kept} | {
            "number": 900 + number,
            "name": f"Mesure {number}",
            "source": "rtsp",
            "main_url": f"rtsp://127.0.0.1:{port}/{number}",
            "demonstration": True,
            "order_id": order["id"],
        }
        added.append(await api.post("/cameras", one))
    now = datetime.now(UTC)
    await api.post(
        "/authorisations",
        {
            "commune_id": like["commune_id"],
            "profile": "demonstration",
            "purpose": "mesure",
            "kinds": [KIND.value],
            "camera_ids": [one["id"] for one in added],
            "starts_at": (now - timedelta(minutes=1)).isoformat(),
            "ends_at": (now + timedelta(hours=2)).isoformat(),
        },
    )
    zone = drama.rule.zone
    rule = {
        "kind": KIND.value,
        "name": "mesure",
        "shape": "zone",
        "points": [list(point) for point in zone.points],
    }
    for one in added:
        await api.patiently("PUT", f"/cameras/{one['id']}/rules", {"rules": [rule]})
    return {one["id"] for one in added}


async def _hear(
    town: Town,
    operator: Api,
    cameras: set[str],
    crossed_at: _Crossings,
    delays: list[float],
    crossings: int,
) -> None:
    protocols = ("ilotier.v1", f"bearer.{operator.token}")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{town.url}/api/v1/live", protocols=protocols) as socket,
    ):
        async for message in socket:
            heard_at = time.time()
            said = json.loads(message.data)
            alert = said.get("alert") or {}
            if said.get("kind") != "alert-raised" or alert.get("camera_id") not in cameras:
                continue
            crossing = crossed_at.last(heard_at)
            if crossing is not None:
                delays.append(heard_at - crossing)
            await until(partial(_confirmed, operator, alert["id"]), within_s=5.0)
            if len(delays) >= crossings:
                return


async def _confirmed(operator: Api, alert_id: str) -> bool:
    await operator.post(f"/alerts/{alert_id}/confirmation")
    return True
