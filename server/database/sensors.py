"""Sensors: third parties' detectors, their sealed secrets, and each report taken once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from domain.errors import NotFound
from domain.events import EventKind
from domain.facts import EventOpened
from domain.identifiers import CommuneId, EventId, SensorId
from domain.sensors import ReportChanged, Sensor, SensorSort
from domain.webhooks import read, written
from server.database.authorisations import read_authorisation
from server.database.columns import difference, lon_lat, plain, point_of, same_commune
from server.database.history import configured
from server.database.pool import Database, Row, Transaction
from server.database.statements import load
from server.secrets import Vault

SQL = load("sensors")

#: After a rotation both secrets are good for this long: somebody drives out to the bins.
ROTATION = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A sensor, and what became of its reports."""

    sensor: Sensor
    taken: int
    refused: int
    reported_at: datetime | None
    refused_because: str
    previous_until: datetime | None


class Sensors:
    def __init__(self, database: Database, *, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def get(self, sensor_id: SensorId) -> Sensor:
        """Raises ``NotFound``."""
        return read_sensor(await self._database.row(SQL["sensor"], sensor_id))

    async def standing(self, sensor_id: SensorId) -> Standing:
        """Raises ``NotFound``."""
        return _standing(await self._database.row(SQL["sensor"], sensor_id))

    async def of_communes(self, communes: Collection[CommuneId]) -> Sequence[Standing]:
        """By name, also those out of use."""
        return [_standing(r) for r in await self._database.rows(SQL["of_communes"], [*communes])]

    async def add(self, sensor: Sensor, secret: bytes, *, actor: str, at: datetime) -> bool:
        """Store it with its secret; False when its id is there, whose secret stays what it was.

        Raises ``Conflict`` for a name that the commune's sensors have already.
        """
        sealed = self._seal(sensor.id, secret)
        async with self._database.transaction() as t:
            values = (sensor.commune_id, *_columns(sensor), sealed, sensor.created_at)
            is_new = await t.value(SQL["add"], sensor.id, *values) is not None
            if is_new:
                data = {"added": plain(sensor)}
                _changed(t, sensor, actor, at, data)
        same_commune(await self.get(sensor.id), sensor.commune_id)
        return is_new

    async def change(
        self, sensor_id: SensorId, how: Callable[[Sensor], Sensor], *, actor: str, at: datetime
    ) -> Sensor:
        async with self._database.transaction() as t:
            before = read_sensor(await t.row(SQL["sensor_locked"], sensor_id))
            after = how(before)
            if after != before:
                await t.execute(SQL["change"], sensor_id, *_columns(after))
                data = difference(before, after)
                _changed(t, after, actor, at, data)
        return after

    async def renew_secret(
        self, sensor_id: SensorId, secret: bytes, *, keep_previous: bool, actor: str, at: datetime
    ) -> None:
        """Give it a new one; the one before is good for ``ROTATION``, or ends now."""
        sealed = self._seal(sensor_id, secret)
        async with self._database.transaction() as t:
            sensor = read_sensor(await t.row(SQL["sensor_locked"], sensor_id))
            until = at + ROTATION if keep_previous else at
            await t.execute(SQL["renew_secret"], sensor_id, sealed, until)
            data = {"secret": "renewed", "previous_until": until.isoformat()}
            _changed(t, sensor, actor, at, data)

    async def secrets_of(self, sensor_id: SensorId, *, at: datetime) -> Sequence[bytes]:
        """What signs its reports now: none for a sensor that is unknown or out of use."""
        row = await self._database.row(SQL["sensor"], sensor_id)
        if row is None or row["disabled_at"] is not None:
            return ()
        sealed = [row["secret"]]
        if row["previous_secret"] is not None and at < row["previous_until"]:
            sealed.append(row["previous_secret"])
        return [read(self._vault.open(one, about=_about(sensor_id))) for one in sealed]

    async def report(
        self, sensor_id: SensorId, webhook_id: str, body: bytes, kind: EventKind, *, at: datetime
    ) -> EventId:
        """Take a report whose signature holds; the same one again gives the same event.

        Raises ``ReportChanged`` for another body under its id, and ``KindNotAllowed``.
        """
        digest = sha256(body).digest()
        async with self._database.transaction() as t:
            row = await t.row(SQL["sensor_locked"], sensor_id)
            sensor = read_sensor(row)
            known = await t.row(SQL["report"], sensor_id, webhook_id)
            if known is not None:
                if known["body_hash"] != digest:
                    raise ReportChanged("give each report an id of its own")
                return EventId(known["event_id"])
            acts = await t.rows(SQL["acts"], sensor_id, at)
            suspended = await t.rows(SQL["suspended"], sensor_id)
            act = sensor.act_for(
                kind,
                [read_authorisation(one) for one in acts],
                suspended={EventKind(one["kind"]) for one in suspended},
                at=at,
                is_demonstration=row is not None and row["profile"] == "demonstration",
            )
            event_id = EventId(uuid4())
            what = (sensor.commune_id, sensor_id, kind.value, at, act.id)
            await t.execute(SQL["add_event"], event_id, *what)
            await t.execute(SQL["add_report"], sensor_id, webhook_id, digest, event_id, at)
            await t.execute(SQL["count_taken"], sensor_id, at)
            t.publish(EventOpened(at=at, commune_id=sensor.commune_id, event_id=event_id))
        return event_id

    async def count_refused(
        self, sensor_id: SensorId, because: str, *, at: datetime, times: int = 1
    ) -> None:
        """Note that a report whose signature holds was refused, for the sensor's owner."""
        async with self._database.transaction() as t:
            await t.execute(SQL["count_refused"], sensor_id, at, because, times)

    def _seal(self, sensor_id: SensorId, secret: bytes) -> bytes:
        return self._vault.seal(written(secret), about=_about(sensor_id))


def read_sensor(row: Row | None) -> Sensor:
    point = point_of(row) if row is not None else None
    if row is None or point is None:
        raise NotFound("there is no such sensor")
    return Sensor(
        id=row["id"],
        commune_id=row["commune_id"],
        name=row["name"],
        sort=SensorSort(row["sort"]),
        maker=row["maker"],
        kinds=frozenset(EventKind(kind) for kind in row["kinds"]),
        point=point,
        place=row["place"],
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
    )


def _standing(row: Row | None) -> Standing:
    if row is None:
        raise NotFound("there is no such sensor")
    return Standing(
        sensor=read_sensor(row),
        taken=row["taken"],
        refused=row["refused"],
        reported_at=row["reported_at"],
        refused_because=row["refused_because"],
        previous_until=row["previous_until"],
    )


def _columns(sensor: Sensor) -> tuple[object, ...]:
    what = (sensor.name, sensor.sort.value, sensor.maker, sorted(k.value for k in sensor.kinds))
    return (*what, *lon_lat(sensor.point), sensor.place, sensor.disabled_at)


def _about(sensor_id: SensorId) -> str:
    return f"sensor:{sensor_id}"


def _changed(
    t: Transaction, sensor: Sensor, actor: str, at: datetime, data: Mapping[str, object]
) -> None:
    commune_id = sensor.commune_id
    configured(t, "sensor", sensor.id, commune_id=commune_id, actor=actor, at=at, data=data)
