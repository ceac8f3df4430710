"""What is on screens: the snapshot a socket begins with, and each thing whole when it changes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from domain.errors import NotFound, Unauthenticated
from domain.facts import (
    AboutAlert,
    CameraCameBack,
    CameraChanged,
    CameraTaken,
    CameraWentDown,
    DetectionResumed,
    DetectionSuspended,
    Fact,
    GuidanceChanged,
    InterventionChanged,
    PatrolStreamChanged,
    TalkChanged,
    UnitChanged,
    ViewingEnded,
    WallChanged,
)
from domain.identifiers import (
    AlertId,
    CameraId,
    CommuneId,
    GuidanceId,
    InterventionId,
    StreamId,
    UnitId,
    ViewingId,
    WallId,
)
from domain.people import Permission
from domain.principals import DevicePrincipal, PersonPrincipal, Principal
from mobile_api.keys import CLOCK
from mobile_api.views import VIEWS
from server.database.viewings import Viewing
from server.http import keys
from server.http.alert_answers import AlertAnswer
from server.http.camera_answers import camera_answer, cameras_seen
from server.http.guidance import GuidanceAnswer
from server.http.health import May, Readings, read_health
from server.http.interventions import InterventionAnswer
from server.http.principal import GATE, check_agent
from server.http.schemas import as_z
from server.http.shown import Moved, Shown
from server.http.sign_in import me_of
from server.http.streams import PatrolStreamAnswer
from server.http.units import UnitLive
from server.http.walls import WallRemoved, walls_in

#: A page that opens shows what was decided since: a shift and its hand-over.
SHOWN_BACK = timedelta(hours=12)

#: Facts that count viewings are compared: their time says nothing.
THE_SAME = datetime.fromtimestamp(0, UTC)

P = Permission


class Screens:
    """Reads what the live hub tells (``server.http.live.Screens``)."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    async def authenticate(self, token: str) -> Principal:
        """Raises ``Unauthenticated``, and ``Forbidden`` for a device without an agent."""
        principal = await self._app[GATE].authenticate(token)
        if isinstance(principal, DevicePrincipal):
            check_agent(principal, at=self._app[CLOCK]())
        return principal

    async def may_see(self, principal: Principal) -> May:
        return await self._app[keys.ACCESS].may_see(principal)

    async def snapshot(self, principal: Principal, *, token: str, seq: int) -> str:
        head = {"type": "snapshot", "seq": seq, "now": as_z(self._app[CLOCK]())}
        if isinstance(principal, DevicePrincipal):
            return _document(head, await self._of_device(principal))
        return _document(head, await self._of_person(principal, token))

    async def changed(self, fact: Fact) -> Shown | None:
        if fact.commune_id is None:
            return None
        commune = CommuneId(fact.commune_id)
        try:
            return await self._changed(fact, commune)
        except (IndexError, NotFound):  # it is not there any more: nothing to show
            return None

    async def changed_for(self, fact: Fact, device: DevicePrincipal) -> Shown | None:
        """Give what changed as the phone sees it; None for what it hears of in its snapshot."""
        if device.shift is None:
            return None
        try:
            return await self._changed_for(fact, device)
        except (NotFound, IndexError):
            return None

    async def health(self) -> Readings:
        return await read_health(self._app)

    async def watched(self) -> Mapping[Fact, set[ViewingId]]:
        """Viewings that run, under the fact that shows what is watched anew."""
        found: defaultdict[Fact, set[ViewingId]] = defaultdict(set)
        for one in await self._app[keys.VIEWINGS].open():
            found[_fact_about(one)].add(one.id)
        return found

    async def moved_since(self, received_after: datetime) -> list[Moved]:
        found = await self._app[keys.POSITIONS].moved_since(received_after)
        return [
            Moved(commune_id=commune, unit_id=unit, position=position)
            for commune, unit, position in found
        ]

    async def _changed(self, fact: Fact, commune: CommuneId) -> Shown | None:
        screens, communes, shown = self._app[keys.SCREENS], {commune}, None
        match fact:
            case AboutAlert():
                view = (await screens.alerts(communes, ids=[AlertId(fact.alert_id)]))[0]
                alert = AlertAnswer.model_validate(view)
                units = [UnitId(one.unit_id) for one in alert.recipients]
                shown = _shown("alert", P.SEE_ALERTS, alert, units=units)
            case InterventionChanged():
                ids = [InterventionId(fact.intervention_id)]
                found = (await screens.interventions(communes, ids=ids))[0]
                intervention = InterventionAnswer.model_validate(found)
                units = [UnitId(one.unit_id) for one in intervention.assignments]
                shown = _shown("intervention", P.MANAGE_INTERVENTIONS, intervention, units=units)
            case UnitChanged():
                unit = (await screens.units(communes, ids=[UnitId(fact.unit_id)]))[0]
                shown = _shown("unit", P.SEE_UNITS, UnitLive.model_validate(unit))
            case GuidanceChanged():
                sent = await screens.guidance(communes, ids=[GuidanceId(fact.guidance_id)])
                guidance = GuidanceAnswer.model_validate(sent[0])
                units = [UnitId(guidance.unit_id)]
                shown = _shown("guidance", P.GUIDE_UNITS, guidance, units=units)
            case PatrolStreamChanged():
                stream = await self._stream(StreamId(fact.stream_id), commune)
                units = [UnitId(stream.unit_id)]
                shown = _shown("stream", P.VIEW_PATROL_STREAMS, stream, units=units)
            case WallChanged():
                wall_id = WallId(fact.wall_id)
                walls = await walls_in(self._app[keys.WALLS], communes, wall_id=wall_id)
                wall = walls[0] if walls else WallRemoved(id=wall_id)
                shown = _shown("wall", P.VIEW_CAMERAS, wall)
            case ViewingEnded():
                viewing = await self._app[keys.VIEWINGS].get(ViewingId(fact.viewing_id))
                shown = await self._changed(_fact_about(viewing), commune)
            case (
                CameraChanged()
                | CameraWentDown()
                | CameraCameBack()
                | CameraTaken()
                | DetectionSuspended()
                | DetectionResumed()
                | TalkChanged()
            ):
                if fact.camera_id is None:  # of a sensor, which is on no screen by itself
                    return None
                cameras = await screens.cameras(communes, ids=[CameraId(fact.camera_id)])
                camera = camera_answer(cameras[0], at=self._app[CLOCK](), manages=False)
                shown = _shown("camera", P.VIEW_CAMERAS, camera)
        return shown

    async def _changed_for(self, fact: Fact, device: DevicePrincipal) -> Shown | None:
        views, app, shown = self._app[VIEWS], self._app, None
        match fact:
            case AboutAlert():
                alert = await app[keys.ALERTS].get(AlertId(fact.alert_id))
                shown = _shown("alert", P.PATROL, await views.alert(device, alert))
            case InterventionChanged():
                ids = InterventionId(fact.intervention_id)
                intervention = await app[keys.INTERVENTIONS].get(ids)
                seen = await views.intervention(device, intervention)
                shown = _shown("intervention", P.PATROL, seen)
            case GuidanceChanged():
                sent = await app[keys.GUIDANCES].get(GuidanceId(fact.guidance_id))
                shown = _shown("guidance", P.PATROL, (await views.of_guidance([sent]))[0])
            case PatrolStreamChanged():
                stream = await self._stream(StreamId(fact.stream_id), device.device.commune_id)
                shown = _shown("stream", P.PATROL, stream)
        return shown

    async def _stream(self, stream_id: StreamId, commune: CommuneId) -> PatrolStreamAnswer:
        found = await self._app[keys.SCREENS].patrol_streams(
            {commune}, ids=[stream_id], open_only=False
        )
        return PatrolStreamAnswer.model_validate(found[0])

    async def _of_person(self, principal: PersonPrincipal, token: str) -> Mapping[str, str]:
        app, at = self._app, self._app[CLOCK]()
        may = await app[keys.ACCESS].may_see(principal)
        screens = app[keys.SCREENS]
        session = await app[GATE].session(token)
        alerts = await screens.alerts(
            may.get(P.SEE_ALERTS, frozenset()), open_or_since=at - SHOWN_BACK
        )
        interventions = await screens.interventions(
            may.get(P.MANAGE_INTERVENTIONS, frozenset()), open_only=True
        )
        units = await screens.units(may.get(P.SEE_UNITS, frozenset()))
        streams = await screens.patrol_streams(may.get(P.VIEW_PATROL_STREAMS, frozenset()))
        guidance = await screens.guidance(
            may.get(P.GUIDE_UNITS, frozenset()), since=at - SHOWN_BACK
        )
        walls = await walls_in(app[keys.WALLS], may.get(P.VIEW_CAMERAS, frozenset()))
        if session is None:
            raise Unauthenticated("sign in again")
        me = await me_of(app, session)
        return {
            "me": me.model_dump_json(),
            "cameras": _list(await cameras_seen(app, principal, at=at)),
            "alerts": _list(AlertAnswer.model_validate(one) for one in alerts),
            "interventions": _list(InterventionAnswer.model_validate(i) for i in interventions),
            "units": _list(UnitLive.model_validate(one) for one in units),
            "streams": _list(PatrolStreamAnswer.model_validate(one) for one in streams),
            "guidance": _list(GuidanceAnswer.model_validate(one) for one in guidance),
            "walls": _list(walls),
        }

    async def _of_device(self, device: DevicePrincipal) -> Mapping[str, str]:
        views = self._app[VIEWS]
        intervention = await views.current_intervention(device)
        return {
            "me": (await views.me(device)).model_dump_json(),
            "alerts": _list(await views.alerts(device)),
            "intervention": intervention.model_dump_json() if intervention else "null",
            "guidance": _list(await views.guidances(device)),
        }


def _fact_about(viewing: Viewing) -> Fact:
    """Give a fact that is the same for each viewing of one thing; it is told to screens alone."""
    if viewing.camera_id is not None:
        return CameraChanged(
            at=THE_SAME,
            commune_id=viewing.commune_id,
            id=viewing.camera_id,
            camera_id=viewing.camera_id,
        )
    return PatrolStreamChanged(
        at=THE_SAME,
        commune_id=viewing.commune_id,
        id=viewing.stream_id,
        stream_id=viewing.stream_id,
    )


def _shown(
    name: str, permission: Permission, model: BaseModel, *, units: Iterable[UnitId] = ()
) -> Shown:
    return Shown(
        name=name,
        permission=permission,
        document=model.model_dump_json(),
        units=frozenset(units),
    )


def _list(models: Iterable[BaseModel]) -> str:
    return f"[{','.join(model.model_dump_json() for model in models)}]"


def _document(head: Mapping[str, Any], members: Mapping[str, str]) -> str:
    """Write one JSON object of ``head`` and of ``members`` that are JSON already."""
    whole = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in head.items()]
    whole += [f"{json.dumps(name)}:{document}" for name, document in members.items()]
    return f"{{{','.join(whole)}}}"
