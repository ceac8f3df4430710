"""Alerts: raised, decided, sent and answered, each in one transaction that holds the row.

What a command did is seen by comparing the alert before and after the domain's function: from the
difference come the history, the register entries, the facts and the messages to phones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.alerts import Alert
from domain.errors import NotFound
from domain.facts import AlertArrived
from domain.identifiers import AlertId, DeviceId, InterventionId, PersonId, UnitId
from domain.interventions import Intervention
from server.database.alert_changes import changes_between, tell
from server.database.alert_rows import SQL, add_alert, locked, note, read_alert, store_alert
from server.database.columns import Clock, same_commune, utc_now
from server.database.interventions import join_alert
from server.database.pool import Database, Transaction
from server.database.stills import NewStill, StoredStill, add_still
from server.database.suspensions import suspend_what_cries_wolf

#: How long an alert rings on phones before the control room is told that nobody answered, unless
#: the settings say otherwise (``alerting.lifetime_s``).
RINGS_FOR = timedelta(minutes=15)


class Alerts:
    def __init__(
        self, database: Database, *, clock: Clock = utc_now, rings_for: timedelta = RINGS_FOR
    ) -> None:
        self._database = database
        self._clock = clock
        self._rings_for = rings_for

    async def get(self, alert_id: AlertId) -> Alert:
        """Raises ``NotFound``."""
        return read_alert(await self._database.row(SQL["alert"], alert_id))

    async def open_for(self, unit_id: UnitId) -> Sequence[Alert]:
        """The alerts sent to ``unit_id`` that are not resolved, newest first."""
        return [read_alert(row) for row in await self._database.rows(SQL["open_for"], unit_id)]

    async def add(
        self, alert: Alert, *, actor: str, at: datetime, still: NewStill | None = None
    ) -> Alert:
        """Store an alert as it is: by hand it comes confirmed by its author, a sensor's is raised.

        The same id again gives the stored one.
        """
        async with self._database.transaction() as t:
            if still:
                await add_still(t, still, alert.commune_id, alert.camera_id)
                alert = replace(alert, still_id=still.id)
            await add_alert(t, alert, actor=actor, at=at)
        return same_commune(await self.get(alert.id), alert.commune_id)

    async def raise_alarm(self, alert: Alert, *, device_id: DeviceId, actor: str) -> Alert:
        """Store a panic alarm, tell it, enter it in the register.

        The same id again gives the stored alert.
        """
        async with self._database.transaction() as t:
            data = {"device": str(device_id)}
            await add_alert(t, alert, actor=actor, at=alert.raised_at, data=data)
        return same_commune(await self.get(alert.id), alert.commune_id)

    async def still_of(self, alert_id: AlertId) -> StoredStill | None:
        """None: it never had a picture, or the picture was purged."""
        row = await self._database.row(SQL["still"], alert_id)
        return StoredStill(jpeg=row["jpeg"], taken_at=row["taken_at"]) if row else None

    async def change(
        self,
        alert_id: AlertId,
        how: Callable[[Alert], Alert],
        *,
        actor: str,
        at: datetime | None = None,
    ) -> Alert:
        """Hold the row, apply the domain's function, and store all that follows from it.

        Two at once is a rule, not a race: the second sees what the first did, and ``how`` raises.
        New recipients get a message on each device that is on shift.
        """
        now = at or self._clock()
        async with self._database.transaction() as t:
            before = await locked(t, alert_id)
            after = how(before)
            await self._store_change(t, before, after, actor, now)
        return after

    async def send(
        self,
        alert_id: AlertId,
        unit_ids: Sequence[UnitId],
        *,
        by: PersonId | None,
        actor: str,
        at: datetime,
    ) -> Alert:
        """``Alert.send`` to units of the alert's commune; raises ``NotFound`` for another's."""
        return await self.change(
            alert_id,
            lambda alert: alert.send(frozenset(unit_ids), by=by, at=at),
            actor=actor,
            at=at,
        )

    async def arrived(
        self, alert_id: AlertId, *, unit_id: UnitId, device_id: DeviceId, at: datetime
    ) -> None:
        """Note, the first time, that it is on the phone."""
        async with self._database.transaction() as t:
            alert = await locked(t, alert_id)
            await t.execute(SQL["arrived_on"], "alert", alert_id, device_id, at)
            if await t.value(SQL["arrived"], alert_id, unit_id, at) is not None:
                actor = f"device:{device_id}"
                await note(t, alert, "arrived", actor, at, {"unit": str(unit_id)})
                t.publish(
                    AlertArrived(
                        at=at, commune_id=alert.commune_id, alert_id=alert_id, unit_id=unit_id
                    )
                )

    async def acknowledge(
        self,
        alert_id: AlertId,
        *,
        unit_id: UnitId,
        intervention_id: InterventionId,
        actor: str,
        at: datetime,
    ) -> tuple[Alert, Intervention]:
        """The unit goes: the alert, and the intervention with the unit assigned, together.

        ``intervention_id`` names a new intervention; one that the alert already has is kept.
        Raises what ``Alert.acknowledge`` raises, so the second unit is told who was first.
        """
        async with self._database.transaction() as t:
            before = await locked(t, alert_id)
            after = before.acknowledge(unit_id, at=at)
            await self._store_change(t, before, after, actor, at)
            await t.execute(SQL["able_again"], alert_id, unit_id)
            intervention = await join_alert(
                t, after, unit_id, intervention_id=intervention_id, actor=actor, at=at
            )
        return after, intervention

    async def decline(
        self, alert_id: AlertId, *, unit_id: UnitId, reason: str, actor: str, at: datetime
    ) -> Alert:
        """``Alert.decline``, with the reason and the time on the recipient's row."""
        async with self._database.transaction() as t:
            before = await locked(t, alert_id)
            after = before.decline(unit_id)
            await t.execute(SQL["unable"], alert_id, unit_id, at, reason)
            await self._store_change(t, before, after, actor, at, said={"reason": reason})
        return after

    async def _store_change(
        self,
        t: Transaction,
        before: Alert,
        after: Alert,
        actor: str,
        at: datetime,
        *,
        said: Mapping[str, object] | None = None,
    ) -> None:
        if after == before:
            return
        await store_alert(t, after)
        if new := after.recipients - before.recipients:
            await self._address(t, after, sorted(new), at)
        for change in changes_between(before, after):
            tell(t, after, change, actor=actor, at=at, said=said)
            await note(t, after, change.what, actor, at, {**change.data, **(said or {})})
        if after.dismissal != before.dismissal:
            await suspend_what_cries_wolf(t, after, at=at)

    async def _address(
        self, t: Transaction, alert: Alert, units: Sequence[UnitId], at: datetime
    ) -> None:
        if await t.value(SQL["units_of_commune"], units, alert.commune_id) != len(units):
            raise NotFound("there is no such unit")
        await t.execute(SQL["add_recipients"], alert.id, units, at)
        until = at + self._rings_for
        await t.execute(SQL["deliver"], alert.commune_id, "alert", alert.id, units, at, until)
