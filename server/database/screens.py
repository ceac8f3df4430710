"""Reads what screens show: the live socket's snapshots, lists, boards, health."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from domain.alerts import AlertOrigin, AlertState, DismissalReason
from domain.camera_clocks import READ_FOR
from domain.cameras import ANNOUNCED_BEFORE
from domain.events import EventKind
from domain.identifiers import (
    AlertId,
    CameraId,
    CommuneId,
    GuidanceId,
    InterventionId,
    StreamId,
    UnitId,
)
from domain.interventions import Intervention
from domain.patrol_streams import ThreatReason
from domain.positions import Position
from domain.rules import TYPES
from domain.units import Unit, UnitKind, UnitState
from server.database.authorisations import SQL as CAMERAS
from server.database.authorisations import read_authorisation
from server.database.camera_views import camera_view, clock_view
from server.database.columns import Clock, point_of, utc_now
from server.database.health_views import (
    CameraBehindView,
    CameraDownView,
    CameraImpairedView,
    HealthView,
    OrderEndingView,
    ProcessView,
    SuspensionView,
    WrongClockView,
)
from server.database.interventions import read_intervention
from server.database.pool import Database, Row
from server.database.positions import read_position
from server.database.presence import GONE_AFTER
from server.database.statements import load
from server.database.units import read_unit
from server.database.views import (
    AlertView,
    AssignmentView,
    AuthorisationRef,
    CameraView,
    DeliveryView,
    EventView,
    GuidanceView,
    HistoryView,
    InterventionView,
    PatrolStreamView,
    PersonRef,
    RecipientView,
    RuleView,
    ShiftView,
    UnitLiveView,
    UnitRef,
)

SQL = load("screens")
type Communes = Collection[CommuneId]


class Screens:
    """Each list is limited to ``communes``, and to ``ids`` when they are given."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def alerts(
        self,
        communes: Communes,
        *,
        ids: Collection[AlertId] | None = None,
        state: AlertState | None = None,
        since: datetime | None = None,
        open_or_since: datetime | None = None,
        limit: int = 200,
    ) -> list[AlertView]:
        """Newest first. ``open_or_since``: all that are open, and all raised since then."""
        narrowed = (_ids(ids), state.value if state else None, since, open_or_since, limit)
        rows = await self._database.rows(SQL["alerts"], [*communes], *narrowed)
        recipients: dict[UUID, list[RecipientView]] = {}
        for row in await self._database.rows(SQL["recipients"], [row["id"] for row in rows]):
            recipients.setdefault(row["alert_id"], []).append(_of(RecipientView, row))
        return [_alert_view(row, recipients.get(row["id"], [])) for row in rows]

    async def interventions(
        self,
        communes: Communes,
        *,
        ids: Collection[InterventionId] | None = None,
        open_only: bool = False,
        limit: int = 200,
    ) -> list[InterventionView]:
        """Newest first."""
        rows = await self._database.rows(
            SQL["interventions"], [*communes], _ids(ids), open_only, limit
        )
        found = [read_intervention(row) for row in rows]
        units = {one.unit_id for intervention in found for one in intervention.assignments}
        names = await self._database.rows(SQL["call_signs"], [*units])
        call_signs = {row["id"]: row["call_sign"] for row in names}
        return [_intervention_view(one, call_signs) for one in found]

    async def units(
        self, communes: Communes, *, ids: Collection[UnitId] | None = None
    ) -> list[UnitLiveView]:
        """The board, by call sign."""
        rows = await self._database.rows(SQL["units"], [*communes], _ids(ids))
        return [_unit_view(row) for row in rows]

    async def crews(self, commune_id: CommuneId) -> list[tuple[Unit, UnitState, Position | None]]:
        """The same as the domain's ``propose`` wants it."""
        rows = await self._database.rows(SQL["units"], [commune_id], None)
        return [(read_unit(row), _unit_state(row), _position_in(row)) for row in rows]

    async def cameras(
        self, communes: Communes, *, ids: Collection[CameraId] | None = None
    ) -> list[CameraView]:
        """By number, also those out of use."""
        now = self._clock()
        rows = await self._database.rows(SQL["cameras"], [*communes], _ids(ids))
        running = await self._database.rows(CAMERAS["authorisations_running"], now)
        authorisations = [read_authorisation(row) for row in running]
        return [camera_view(row, authorisations, now) for row in rows]

    async def patrol_streams(
        self,
        communes: Communes,
        *,
        ids: Collection[StreamId] | None = None,
        open_only: bool = True,
    ) -> list[PatrolStreamView]:
        """Newest first."""
        rows = await self._database.rows(SQL["patrol_streams"], [*communes], _ids(ids), open_only)
        return [_stream_view(row) for row in rows]

    async def guidance(
        self,
        communes: Communes,
        *,
        ids: Collection[GuidanceId] | None = None,
        unit_id: UnitId | None = None,
        since: datetime | None = None,
        limit: int = 200,
    ) -> list[GuidanceView]:
        """Newest first."""
        narrowed = (_ids(ids), unit_id, since, limit)
        rows = await self._database.rows(SQL["guidance"], [*communes], *narrowed)
        return [_guidance_view(row) for row in rows]

    async def history(
        self,
        about: Literal["alert", "intervention", "guidance", "patrol-stream"],
        about_id: UUID,
    ) -> list[HistoryView]:
        """Oldest first."""
        rows = await self._database.rows(SQL["history"], about, about_id)
        return [_of(HistoryView, row) for row in rows]

    async def deliveries(self, alert_id: AlertId) -> list[DeliveryView]:
        rows = await self._database.rows(SQL["deliveries"], alert_id)
        return [_of(DeliveryView, row) for row in rows]

    async def health(self, *, at: datetime) -> HealthView:
        """Of the whole installation."""
        processes = await self._database.rows(SQL["processes"])
        down = await self._database.rows(SQL["cameras_down"])
        ending = await self._database.rows(SQL["orders_ending"], at, at + ANNOUNCED_BEFORE)
        clocks = await self._database.rows(SQL["clocks_wrong"], at - READ_FOR)
        suspended = await self._database.rows(SQL["suspensions"])
        behind = await self._database.rows(SQL["cameras_behind"], at - GONE_AFTER)
        impaired = await self._database.rows(SQL["cameras_impaired"], at - GONE_AFTER)
        return HealthView(
            processes=[
                ProcessView(
                    role=row["role"],
                    holder=row["holder"],
                    up=at - row["seen_at"] <= GONE_AFTER,
                    seen_at=row["seen_at"],
                    clock_offset_ms=row["clock_offset_ms"],
                )
                for row in processes
            ],
            cameras_down=[_of(CameraDownView, row) for row in down],
            orders_ending=[_of(OrderEndingView, row) for row in ending],
            clocks_wrong=[_wrong_clock(row) for row in clocks],
            suspensions=[_of(SuspensionView, row) for row in suspended],
            cameras_behind=[_of(CameraBehindView, row) for row in behind],
            cameras_impaired=[_of(CameraImpairedView, row) for row in impaired],
            database_size_bytes=await self._database.value(SQL["database_size"]),
        )


def _wrong_clock(row: Row) -> WrongClockView:
    return WrongClockView(
        id=row["id"],
        commune_id=row["commune_id"],
        number=row["number"],
        name=row["name"],
        clock=clock_view(row),
    )


def _ids(ids: Collection[UUID] | None) -> list[UUID] | None:
    return None if ids is None else [*ids]


def _of[V](view: type[V], row: Row) -> V:
    """Make a view whose fields are columns of the same names."""
    names: Sequence[str] = view.__dataclass_fields__.keys()  # type: ignore[attr-defined]  # views are dataclasses
    return view(**{name: row[name] for name in names})


def _ref(row: Row, name: str) -> PersonRef | None:
    return PersonRef(id=row[name], name=row[f"{name}_name"]) if row[name] else None


def _alert_view(row: Row, recipients: list[RecipientView]) -> AlertView:
    acknowledged_by = row["acknowledged_by"]
    return AlertView(
        id=row["id"],
        commune_id=row["commune_id"],
        kind=EventKind(row["kind"]),
        origin=AlertOrigin(row["origin"]),
        state=AlertState(row["state"]),
        point=point_of(row),
        place=row["place"],
        note=row["note"],
        camera_id=row["camera_id"],
        sensor_id=row["sensor_id"],
        event=_event_view(row),
        events=row["events"],
        still=row["still"],
        raised_at=row["raised_at"],
        raised_by=_ref(row, "raised_by"),
        handled_by=_ref(row, "handled_by"),
        confirmed_at=row["confirmed_at"],
        confirmed_by=_ref(row, "confirmed_by"),
        dismissed_at=row["dismissed_at"],
        dismissed_by=_ref(row, "dismissed_by"),
        dismissal=DismissalReason(row["dismissal"]) if row["dismissal"] else None,
        dismissal_note=row["dismissal_note"],
        sent_at=row["sent_at"],
        sent_by=_ref(row, "sent_by"),
        recipients=recipients,
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=(
            UnitRef(unit_id=acknowledged_by, call_sign=row["call_sign"])
            if acknowledged_by
            else None
        ),
        resolved_at=row["resolved_at"],
        intervention_id=row["intervention_id"],
    )


def _event_view(row: Row) -> EventView | None:
    if row["seen_id"] is None:
        return None
    return EventView(
        id=row["seen_id"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        service=declared.service if (declared := TYPES.get(EventKind(row["kind"]))) else None,
        box=tuple(row["box"]) if row["box"] else None,
        confidence=row["confidence"],
        rule=(
            RuleView(
                name=row["rule_name"],
                shape=row["shape"],
                points=[(x, y) for x, y in row["points"]],
            )
            if row["points"]
            else None
        ),
        authorisation=AuthorisationRef(
            id=row["authorisation_id"], act_reference=row["act_reference"], law=row["law"]
        ),
    )


def _intervention_view(one: Intervention, call_signs: dict[UUID, str]) -> InterventionView:
    return InterventionView(
        id=one.id,
        commune_id=one.commune_id,
        alert_id=one.alert_id,
        kind=one.kind,
        point=one.point,
        place=one.place,
        state=one.state,
        created_at=one.created_at,
        closed_at=one.closed_at,
        report=one.report,
        assignments=[
            AssignmentView(state=part.state, call_sign=call_signs[part.unit_id], **asdict(part))
            for part in one.assignments
        ],
    )


def _unit_state(row: Row) -> UnitState:
    if row["shift_id"] is None:
        return UnitState.OFF_DUTY
    if row["break_since"] is not None:
        return UnitState.ON_BREAK
    if row["intervention_id"] is None:
        return UnitState.FREE
    if row["on_scene_at"] is not None:
        return UnitState.ON_SCENE
    return UnitState.ASSIGNED if row["en_route_at"] is None else UnitState.EN_ROUTE


def _position_in(row: Row) -> Position | None:
    return read_position(row) if row["fixed_at"] is not None else None


def _unit_view(row: Row) -> UnitLiveView:
    shift = None
    if row["shift_id"] is not None:
        shift = ShiftView(
            id=row["shift_id"],
            person_name=row["person_name"],
            device_id=row["device_id"],
            started_at=row["started_at"],
            break_since=row["break_since"],
        )
    return UnitLiveView(
        id=row["id"],
        commune_id=row["commune_id"],
        call_sign=row["call_sign"],
        kind=UnitKind(row["kind"]),
        armed=row["armed"],
        state=_unit_state(row),
        shift=shift,
        position=_position_in(row),
        intervention_id=row["intervention_id"],
    )


def _stream_view(row: Row) -> PatrolStreamView:
    values: dict[str, Any] = {
        name: row[name]
        for name in PatrolStreamView.__dataclass_fields__
        if name not in ("reason", "received_by")
    }
    return PatrolStreamView(
        reason=ThreatReason(row["reason"]), received_by=_ref(row, "received_by"), **values
    )


def _guidance_view(row: Row) -> GuidanceView:
    values: dict[str, Any] = {
        name: row[name]
        for name in GuidanceView.__dataclass_fields__
        if name not in ("point", "sent_by")
    }
    author = PersonRef(id=row["sent_by"], name=row["sent_by_name"])
    return GuidanceView(point=point_of(row), sent_by=author, **values)
