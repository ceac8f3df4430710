"""Figures: what became of alerts per source and kind in a period, and how long was watched."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.alerts import AlertState, DismissalReason
from domain.authorisations import Authorisation
from domain.evaluation import Figures, KindFigures
from domain.events import EventKind
from domain.identifiers import CameraId, CommuneId, SensorId
from domain.watched_time import DAY, Period, in_force, total, without
from server.database.authorisations import read_authorisation
from server.database.footings import footings_of
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("figures")

type Source = CameraId | SensorId
type Which = tuple[Source, EventKind]


class DetectionFigures:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, commune_id: CommuneId, *, since: datetime, until: datetime
    ) -> list[KindFigures]:
        """Of each kind and source that an act named, or that raised an alert, in that period."""
        async with self._database.snapshot() as t:
            decided = await t.rows(SQL["decided"], commune_id, since, until)
            acts = await t.rows(SQL["acts"], commune_id, since)
            suspended = await t.rows(SQL["suspended"], commune_id, since)
            named = [read_authorisation(row) for row in acts if row["starts_at"] < until]
            footings = await footings_of(t, {source for source, _ in _named(named)})
        rows_of: dict[Which, list[Row]] = {which: [] for which in _named(named)}
        for row in decided:
            rows_of.setdefault(_which(row), []).append(row)
        gaps: dict[Which, list[Period]] = {}
        for row in suspended:
            gap = (row["suspended_at"], row["lifted_at"] or until)
            gaps.setdefault(_which(row), []).append(gap)
        found = []
        for which, rows in rows_of.items():
            source, kind = which
            watched = without(
                in_force(named, source=source, kind=kind, footings=footings.get(source, ())),
                gaps.get(which, ()),
            )
            days = total(watched, since, until) / DAY
            found.append(KindFigures(source=source, kind=kind, figures=figures_of(rows, days)))
        return found


def _named(acts: Iterable[Authorisation]) -> Iterable[Which]:
    return (
        (source, kind)
        for act in acts
        for source in act.camera_ids | act.sensor_ids
        for kind in act.kinds
    )


def _which(row: Row) -> Which:
    return row["source"], EventKind(row["kind"])


def figures_of(rows: Sequence[Row], days: float) -> Figures:
    dismissed: dict[DismissalReason, int] = {}
    confirmed = raised = 0
    for row in rows:
        raised += row["count"]
        state = AlertState(row["state"])
        if state is AlertState.DISMISSED:
            dismissed[DismissalReason(row["dismissal"])] = row["count"]
        elif state is not AlertState.RAISED:
            confirmed += row["count"]
    return Figures(raised=raised, confirmed=confirmed, dismissed=dismissed, days=days)
