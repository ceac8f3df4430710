"""Rules: what is to be noticed on a camera, put as a whole."""

from collections.abc import Collection, Sequence
from datetime import datetime

from domain.authorisations import DailyHours
from domain.errors import Conflict, NotFound
from domain.events import EventKind
from domain.facts import CameraChanged
from domain.identifiers import CameraId, RuleId
from domain.lines import Crossing, Line
from domain.rules import Rule, Subjects
from domain.zones import Zone
from server.database.columns import plain
from server.database.history import configured
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("rules")
CAMERAS = load("cameras")


class Rules:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, camera_id: CameraId) -> list[Rule]:
        """In the order in which they were drawn."""
        return (await self.of_cameras([camera_id])).get(camera_id, [])

    async def of_cameras(self, camera_ids: Collection[CameraId]) -> dict[CameraId, list[Rule]]:
        """The rules of several cameras; one without a rule is left out."""
        found: dict[CameraId, list[Rule]] = {}
        for row in await self._database.rows(SQL["of_cameras"], [*camera_ids]):
            found.setdefault(row["camera_id"], []).append(read_rule(row))
        return found

    async def put(
        self, camera_id: CameraId, rules: Sequence[Rule], *, actor: str, at: datetime
    ) -> list[Rule]:
        """Put ``rules`` in place of what was configured. Raises ``NotFound``, ``Conflict``."""
        async with self._database.transaction() as t:
            camera = await t.row(CAMERAS["camera_locked"], camera_id)
            if camera is None:
                raise NotFound("there is no such camera")
            before = [read_rule(row) for row in await t.rows(SQL["of_cameras"], [camera_id])]
            if before == list(rules):
                return before
            commune_id = camera["commune_id"]
            await t.rows(SQL["drop"], camera_id, [rule.id for rule in rules])
            for rule in rules:
                if await t.value(SQL["put"], *_row(rule, commune_id, camera_id, at)) is None:
                    raise Conflict("this rule's id is another camera's")
            await t.execute(SQL["drop_references"], _drawn_anew(before, rules))
            data = {"rules": [plain(before), plain(rules)]}
            configured(t, "camera", camera_id, commune_id=commune_id, actor=actor, at=at, data=data)
            t.publish(CameraChanged(at=at, commune_id=commune_id, camera_id=camera_id))
        return await self.of(camera_id)


def _drawn_anew(before: Sequence[Rule], after: Sequence[Rule]) -> list[RuleId]:
    """Give the rules that are not about what they were about: their references show another place.

    Drawn back, a rule has none either: what nobody can see is not kept.
    """
    drawn = {rule.id: (rule.kind, rule.shape, rule.preset) for rule in after}
    return [one.id for one in before if drawn.get(one.id) != (one.kind, one.shape, one.preset)]


def _row(rule: Rule, commune_id: object, camera_id: CameraId, at: datetime) -> list[object]:
    line = rule.shape if isinstance(rule.shape, Line) else None
    hours = rule.hours
    return [
        rule.id,
        commune_id,
        camera_id,
        rule.kind.value,
        rule.name,
        "line" if line else "zone",
        [[point.x, point.y] for point in rule.shape.points],
        line.counts.value if line else None,
        rule.bearing,
        dict(rule.thresholds),
        hours.starts if hours else None,
        hours.ends if hours else None,
        hours.time_zone if hours else None,
        rule.preset,
        rule.in_use,
        at,
        rule.subjects,
    ]


def read_rule(row: Row) -> Rule:
    hours = None
    if row["daily_from"] is not None:
        hours = DailyHours(row["daily_from"], row["daily_until"], row["daily_time_zone"])
    points = row["points"]
    return Rule(
        id=row["id"],
        kind=EventKind(row["kind"]),
        name=row["name"],
        shape=(
            Zone.drawn(points)
            if row["shape"] == "zone"
            else Line.drawn(points, Crossing(row["counts"]))
        ),
        bearing=row["bearing"],
        thresholds=row["thresholds"],
        subjects=Subjects(row["subjects"]) if row["subjects"] else None,
        hours=hours,
        preset=row["preset"],
        in_use=row["in_use"],
    )
