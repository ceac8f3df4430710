"""A camera as screens show it, of the row that `screens.sql` reads."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.authorisations import Authorisation
from domain.events import EventKind
from domain.ptz import IDLE_RELEASE
from domain.talks import FREE_AFTER
from server.database.camera_clocks import clock_in
from server.database.cameras import read_camera
from server.database.orders import order_in
from server.database.pool import Row
from server.database.views import (
    CameraClockView,
    CameraMasksView,
    CameraStateView,
    CameraView,
    MoverView,
    SuspendedView,
    TalkerView,
)

MS = timedelta(milliseconds=1)


def camera_view(row: Row, authorisations: Sequence[Authorisation], now: datetime) -> CameraView:
    camera = read_camera(row)
    suspended = [_suspended(one) for one in row["suspended"]]
    silent = {one.kind for one in suspended}
    # What counts this minute.
    counting = [
        (one, kind)
        for one in authorisations
        if one.is_for(camera.place_kind, is_demonstration=camera.demonstration)
        for kind in one.kinds - silent
        if one.covers(camera.id, kind, now)
    ]
    return CameraView(
        commune_id=camera.commune_id,
        camera=camera,
        order=order_in(row["order"]),
        profile=row["profile"],
        place=row["place"],
        main_url=row["main_url"],
        sub_url=row["sub_url"],
        has_credentials=row["credentials"] is not None,
        moves=row["moves"],
        mover=_mover(row),
        clock=clock_view(row) if row["read_at"] is not None else None,
        touring_since=row["touring_since"],
        has_loudspeaker=row["has_loudspeaker"],
        talker=_talker(row),
        state=_state(row),
        masks=CameraMasksView(
            version=row["masks_version"] or 0,
            count=row["masks_count"],
            by_camera=bool(row["masks_by_camera"]),
        ),
        watching=row["watching"],
        authorised_until=max((one.ends_at for one, _ in counting), default=None),
        kinds=frozenset(kind for _, kind in counting),
        suspended=suspended,
    )


def clock_view(row: Row) -> CameraClockView:
    clock = clock_in(row)
    drift = clock.drift_a_day
    return CameraClockView(
        offset_ms=round(clock.offset.likely / MS, 1),
        uncertainty_ms=round(clock.offset.uncertainty / MS, 1),
        read_at=clock.read_at,
        wrong_since=clock.wrong_since,
        drift_s_a_day=round(drift.total_seconds(), 2) if drift is not None else None,
    )


def _state(row: Row) -> CameraStateView | None:
    if row["since"] is None:
        return None
    return CameraStateView(**{name: row[name] for name in CameraStateView.__dataclass_fields__})


def _suspended(one: Mapping[str, Any]) -> SuspendedView:
    return SuspendedView(
        id=UUID(one["id"]),
        kind=EventKind(one["kind"]),
        suspended_at=datetime.fromisoformat(one["suspended_at"]),
        false_alerts=one["false_alerts"],
    )


def _mover(row: Row) -> MoverView | None:
    if row["mover_id"] is None:
        return None
    free_at = row["moved_at"] + IDLE_RELEASE
    return MoverView(id=row["mover_id"], name=row["mover"], rank=row["mover_rank"], free_at=free_at)


def _talker(row: Row) -> TalkerView | None:
    if row["talker_id"] is None:
        return None
    return TalkerView(
        id=row["talker_id"],
        name=row["talker"],
        since=row["talks_since"],
        free_at=row["talks_since"] + FREE_AFTER,
        announces=row["announces"],
    )
