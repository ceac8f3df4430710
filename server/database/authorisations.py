"""Authorisations: the recorded legal basis of detection; recorded, revoked, never changed."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from domain.authorisations import Authorisation, DailyHours, acts_for
from domain.cameras import Camera, PlaceKind
from domain.errors import NotFound
from domain.events import EventKind
from domain.facts import CameraChanged
from domain.identifiers import AuthorisationId, CameraId, CommuneId, SensorId
from domain.profiles import Profile
from domain.register import Action, Entry
from server.database.columns import plain, same_commune
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("cameras")
SENSORS = load("sensors")


class Authorisations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, authorisation_id: AuthorisationId) -> Authorisation:
        """Raises ``NotFound``."""
        return read_authorisation(await self._database.row(SQL["authorisation"], authorisation_id))

    async def of_communes(self, communes: Collection[CommuneId]) -> list[Authorisation]:
        """The latest recorded first."""
        rows = await self._database.rows(SQL["authorisations_of"], [*communes])
        return [read_authorisation(row) for row in rows]

    async def running(self, *, at: datetime) -> list[Authorisation]:
        """All that are not over yet, of all communes."""
        rows = await self._database.rows(SQL["authorisations_running"], at)
        return [read_authorisation(row) for row in rows]

    async def allowing(
        self, camera: Camera, kinds: Iterable[EventKind], *, at: datetime
    ) -> Authorisation | None:
        """Give an act by which one of ``kinds`` may be looked for in what ``camera`` shows."""
        acts = await self.running(at=at)
        found = acts_for(
            acts,
            kinds,
            camera=camera.id,
            at=at,
            is_demonstration=camera.demonstration,
            place_kind=camera.place_kind,
        )
        return next(iter(found.values()), None)

    async def add(self, authorisation: Authorisation, *, actor: str, at: datetime) -> Authorisation:
        """Record it; the same id again gives the stored one.

        Raises ``NotFound`` for a camera or sensor that is not the commune's, and
        ``AuthorisationRefused`` for an act that names one its profile is not for.
        """
        async with self._database.transaction() as t:
            # Held until it is recorded: a profile that changes meanwhile ends it, or refuses it.
            profile = await t.value(SQL["commune_profile"], authorisation.commune_id)
            authorisation.check_commune(Profile(profile))
            named = [*authorisation.camera_ids]
            rows = await t.rows(SQL["cameras_named"], named, authorisation.commune_id)
            if len(rows) != len(named):
                raise NotFound("there is no such camera in this commune")
            authorisation.check_cameras(
                demonstration={CameraId(row["id"]) for row in rows if row["demonstration"]},
                closed={
                    CameraId(row["id"])
                    for row in rows
                    if row["place_kind"] == PlaceKind.CLOSED_TO_PUBLIC
                },
            )
            sensors = [*authorisation.sensor_ids]
            rows = await t.rows(SENSORS["named"], sensors, authorisation.commune_id)
            if len(rows) != len(sensors):
                raise NotFound("there is no such sensor in this commune")
            authorisation.check_sensors(
                demonstration={SensorId(row["id"]) for row in rows if row["demonstration"]}
            )
            if await t.value(SQL["add_authorisation"], *_columns(authorisation)) is not None:
                rules = authorisation.rules
                data = plain(authorisation)
                data["profile_version"] = [rules.version, rules.dated.isoformat()]
                _note(t, authorisation, Action.AUTHORISATION_RECORDED, actor, at, data)
                _tell(t, [authorisation], at)
        return same_commune(await self.get(authorisation.id), authorisation.commune_id)

    async def revoke(
        self, authorisation_id: AuthorisationId, *, actor: str, at: datetime
    ) -> Authorisation:
        """It ends at once; twice is once. Raises ``NotFound``."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["authorisation_locked"], authorisation_id)
            act = read_authorisation(row)
            ended = act.revoke(at=at)
            if ended != act:
                await end_now(t, [ended], actor=actor, at=at, data={})
            return ended


async def that_would_end(
    t: Transaction, commune_id: CommuneId, profile: Profile, *, at: datetime
) -> list[Authorisation]:
    """Give a commune's acts that are not over and ``profile`` refuses, held against change."""
    rows = await t.rows(SQL["authorisations_not_over"], commune_id, at)
    return [act for act in map(read_authorisation, rows) if not act.is_of(profile)]


async def end_now(
    t: Transaction,
    ended: Collection[Authorisation],
    *,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
) -> None:
    """Store acts that end ``at`` this moment, in the register too, and tell who watches.

    ``data`` says why, beside who.
    """
    await t.execute(SQL["revoke_authorisations"], [act.id for act in ended], at)
    for act in ended:
        _note(t, act, Action.AUTHORISATION_REVOKED, actor, at, data)
    _tell(t, ended, at)


def read_authorisation(row: Row | None) -> Authorisation:
    if row is None:
        raise NotFound("there is no such authorisation")
    hours = None
    if row["daily_from"] is not None:
        hours = DailyHours(row["daily_from"], row["daily_until"], row["daily_time_zone"])
    return Authorisation(
        id=row["id"],
        commune_id=row["commune_id"],
        profile=Profile(row["profile"]),
        law=row["law"],
        act_reference=row["act_reference"],
        act_date=row["act_date"],
        authority=row["authority"],
        purpose=row["purpose"],
        place=row["place"],
        kinds=frozenset(EventKind(kind) for kind in row["kinds"]),
        camera_ids=frozenset(CameraId(camera) for camera in row["camera_ids"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        hours=hours,
        recorded_at=row["recorded_at"],
        recorded_by=row["recorded_by"],
        revoked_at=row["revoked_at"],
        assessment=row["assessment"],
        sensor_ids=frozenset(SensorId(sensor) for sensor in row["sensor_ids"]),
    )


def _columns(one: Authorisation) -> tuple[object, ...]:
    hours = one.hours
    return (
        one.id,
        one.commune_id,
        one.profile.value,
        one.law,
        one.authority,
        one.act_reference,
        one.act_date,
        one.purpose,
        one.place,
        sorted(kind.value for kind in one.kinds),
        sorted(one.camera_ids),
        one.starts_at,
        one.ends_at,
        hours.starts if hours else None,
        hours.ends if hours else None,
        hours.time_zone if hours else None,
        one.recorded_at,
        one.recorded_by,
        one.revoked_at,
        one.assessment,
        sorted(one.sensor_ids),
    )


def _note(
    t: Transaction,
    authorisation: Authorisation,
    action: Action,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
) -> None:
    t.enter(
        Entry(
            at=at,
            actor=actor,
            action=action,
            about=f"authorisation:{authorisation.id}",
            commune_id=authorisation.commune_id,
            motive=authorisation.purpose,
            data=data,
        )
    )


def _tell(t: Transaction, acts: Iterable[Authorisation], at: datetime) -> None:
    """Say that something may have changed on the cameras that they name: once of each."""
    named = {(act.commune_id, camera_id) for act in acts for camera_id in act.camera_ids}
    for commune_id, camera_id in sorted(named):
        t.publish(CameraChanged(at=at, commune_id=commune_id, camera_id=camera_id))
