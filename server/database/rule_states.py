"""Which rules are watched now, and why the others rest: read of what is configured."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.authorisations import Authorisation, authorisation_for
from domain.cameras import PlaceKind
from domain.identifiers import CameraId, CommuneId
from domain.resting import Rests, why_rests
from domain.rules import Rule
from server.database.authorisations import Authorisations
from server.database.columns import Clock, utc_now
from server.database.pool import Database
from server.database.presence import Processes
from server.database.rules import SQL, read_rule
from server.database.suspensions import Suspensions
from server.database.tours import Whereabout


@dataclass(frozen=True, kw_only=True)
class RuleState:
    """A rule of a camera in use; ``rests`` None: it is watched, when the camera's pictures come."""

    commune_id: CommuneId
    camera_id: CameraId
    number: int
    camera_name: str
    rule: Rule
    rests: Rests | None


class RuleStates:
    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._processes = Processes(database, clock=clock)

    async def of(
        self,
        communes: Collection[CommuneId] | None = None,
        *,
        camera_id: CameraId | None = None,
        at: datetime,
    ) -> list[RuleState]:
        """Those of ``communes``, by camera; None: of the whole installation."""
        of_communes = None if communes is None else [*communes]
        rows = await self._database.rows(SQL["of_cameras_in_use"], of_communes, camera_id)
        if not rows:
            return []
        acts = defaultdict[CameraId, list[Authorisation]](list)
        for act in await Authorisations(self._database).running(at=at):
            for camera in act.camera_ids:
                acts[camera].append(act)
        suspended = await Suspensions(self._database).running()
        seen = await Whereabout(self._database).at_presets()
        labels = await self._processes.labels()
        found = []
        for row in rows:
            rule, camera = read_rule(row), CameraId(row["camera_id"])
            allows = authorisation_for(
                acts[camera],
                camera=camera,
                kind=rule.kind,
                at=at,
                is_demonstration=row["demonstration"],
                place_kind=PlaceKind(row["place_kind"]),
            )
            rests = why_rests(
                rule,
                {rule.kind: allows.id} if allows else {},
                at=at,
                preset=seen[camera].preset_in(at, now=at) if camera in seen else None,
                labels=labels,
                is_referenced=row["is_referenced"],
                suspended=suspended.get(camera, frozenset()),
            )
            found.append(
                RuleState(
                    commune_id=CommuneId(row["commune_id"]),
                    camera_id=camera,
                    number=row["number"],
                    camera_name=row["camera_name"],
                    rule=rule,
                    rests=rests,
                )
            )
        return found
