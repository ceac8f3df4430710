"""Evaluations: what was analysed under an authorisation, and what became of its alerts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.analysed import HourOf, Looked
from domain.authorisations import Authorisation
from domain.evaluation import Figures
from domain.events import EventKind
from domain.footings import Footing
from domain.identifiers import AuthorisationId, CameraId, SensorId
from domain.register import Action, Entry
from domain.watched_time import DAY, in_force, total, without
from server.database.authorisations import SQL as AUTHORISATIONS
from server.database.authorisations import read_authorisation
from server.database.figures import figures_of
from server.database.footings import footings_of
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("evaluations")


@dataclass(frozen=True, kw_only=True)
class SourceNamed:
    """A camera, or a sensor, which has no number."""

    id: CameraId | SensorId
    number: int | None
    name: str


@dataclass(frozen=True, kw_only=True)
class Watching:
    """One kind of one source: what was looked at, and what came of it."""

    source: SourceNamed
    kind: EventKind
    figures: Figures
    minutes: int
    pictures: int
    first_hour: datetime | None
    last_hour: datetime | None


@dataclass(frozen=True, kw_only=True)
class WasSuspended:
    source: SourceNamed
    kind: EventKind
    suspended_at: datetime
    lifted_at: datetime | None
    false_alerts: int
    days: float


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """``medians``: time from an alert to its decision, by kind; of all under None.

    ``pictures_outside``: of its cameras, in its time, without any act in force: 0, or a gate leaks.
    ``is_destroyed``: what was looked at is told no more, for the act was over too long ago.
    """

    authorisation: Authorisation
    made_at: datetime
    sources: Sequence[SourceNamed]
    watchings: Sequence[Watching]
    suspensions: Sequence[WasSuspended]
    medians: Mapping[EventKind | None, timedelta]
    pictures_outside: int
    is_destroyed: bool = False

    @property
    def until(self) -> datetime:
        """The end of what is told of."""
        return min(self.authorisation.over_at, self.made_at)


class Evaluations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def store_analysed(self, hours: Mapping[HourOf, Looked]) -> None:
        """Add what was looked at to what is known; raises ``Unavailable``."""
        columns: Iterable[tuple[object, ...]] = zip(
            *(
                (of.camera_id, of.act, of.kind, of.hour, looked.minutes, looked.pictures)
                for of, looked in hours.items()
            ),
            strict=True,
        )
        async with self._database.transaction() as t:
            await t.execute(SQL["store_analysed"], *(list(column) for column in columns))

    async def take(
        self, authorisation_id: AuthorisationId, *, actor: str, at: datetime
    ) -> Evaluation:
        """Give it, once it is noted in the register. Raises ``NotFound``."""
        await self._note(authorisation_id, actor=actor, at=at)
        async with self._database.snapshot() as t:
            act = read_authorisation(await t.row(AUTHORISATIONS["authorisation"], authorisation_id))
            named = [*(act.camera_ids | act.sensor_ids)]
            kinds = [kind.value for kind in act.kinds]
            sources = await t.rows(SQL["sources"], named)
            analysed = await t.rows(SQL["analysed"], act.id)
            decided = await t.rows(SQL["decided"], act.id)
            medians = await t.rows(SQL["medians"], act.id)
            span = (act.starts_at, min(act.ends_at, at))
            suspended = await t.rows(SQL["suspensions"], named, kinds, *span)
            outside = await t.value(SQL["outside"], named, *span)
            footings = await footings_of(t, named)
            destroyed_until = await t.value(SQL["destroyed"], act.commune_id)
        by_id = {one.id: one for one in (_source(row) for row in sources)}
        watchings = [
            _watching(source, kind, act, analysed, decided, suspended, footings, at)
            for source in by_id.values()
            for kind in sorted(act.kinds)
        ]
        return Evaluation(
            authorisation=act,
            made_at=at,
            sources=list(by_id.values()),
            watchings=watchings,
            suspensions=[_suspended(row, by_id) for row in suspended],
            medians={
                EventKind(row["kind"]) if row["kind"] else None: timedelta(seconds=row["seconds"])
                for row in medians
                if row["seconds"] is not None
            },
            pictures_outside=outside,
            is_destroyed=destroyed_until is not None and act.over_at < destroyed_until,
        )

    async def _note(self, authorisation_id: AuthorisationId, *, actor: str, at: datetime) -> None:
        async with self._database.transaction() as t:
            act = read_authorisation(await t.row(AUTHORISATIONS["authorisation"], authorisation_id))
            t.enter(
                Entry(
                    at=at,
                    actor=actor,
                    action=Action.EVALUATION_TAKEN,
                    about=f"authorisation:{act.id}",
                    commune_id=act.commune_id,
                    data={},
                )
            )


def _source(row: Row) -> SourceNamed:
    return SourceNamed(id=row["id"], number=row["number"], name=row["name"])


def _suspended(row: Row, sources: Mapping[CameraId | SensorId, SourceNamed]) -> WasSuspended:
    return WasSuspended(
        source=sources[row["source"]],
        kind=EventKind(row["kind"]),
        suspended_at=row["suspended_at"],
        lifted_at=row["lifted_at"],
        false_alerts=row["false_alerts"],
        days=row["days"],
    )


def _watching(
    source: SourceNamed,
    kind: EventKind,
    act: Authorisation,
    analysed: Sequence[Row],
    decided: Sequence[Row],
    suspended: Sequence[Row],
    footings: Mapping[CameraId | SensorId, Sequence[Footing]],
    at: datetime,
) -> Watching:
    def mine(row: Row) -> bool:
        return bool(row["source"] == source.id and row["kind"] == kind.value)

    looked = next((row for row in analysed if mine(row)), None)
    gaps = [(row["suspended_at"], row["lifted_at"] or at) for row in suspended if mine(row)]
    allowed = in_force([act], source=source.id, kind=kind, footings=footings[source.id])
    days = total(without(allowed, gaps), act.starts_at, at) / DAY
    return Watching(
        source=source,
        kind=kind,
        figures=figures_of([row for row in decided if mine(row)], days),
        minutes=looked["minutes"] if looked else 0,
        pictures=looked["pictures"] if looked else 0,
        first_hour=looked["first_hour"] if looked else None,
        last_hour=looked["last_hour"] if looked else None,
    )
