"""What is watched for now, and why the rest is not: by camera, for health, and as a metric."""

from collections import Counter
from collections.abc import Iterable, Set
from uuid import UUID

from aiohttp import web
from prometheus_client import Gauge
from pydantic import TypeAdapter

from domain.events import EventKind
from domain.identifiers import CameraId, CommuneId
from domain.people import Permission
from domain.resting import Rests
from domain.rules import TYPES, why_unavailable
from mobile_api.bodies import read_query
from mobile_api.description import Needs, Routes
from server.database.rule_states import RuleState
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, ByCommune, answers

ROUTES = Routes("rules")

MOST_NAMED = 50
"""Of rules that rest, as many are named in health; those that somebody has to mend first."""
MOST_OFF_PRESET = 500
RESTING = Gauge(
    "ilotier_rules_resting",
    "rules of cameras in use that are not watched now, of the whole installation",
    ["kind", "reason"],
)


class OfCamera(ByCommune):
    camera: UUID | None = None


class RuleNow(Answer):
    """``rests``: why it is not watched; null: it is, when the camera's pictures come.

    ``to_mend``: somebody has to do something before it is watched.
    """

    id: UUID
    camera_id: UUID
    kind: EventKind
    name: str
    rests: Rests | None
    to_mend: bool


class RestingCount(Answer):
    """``to_mend``: somebody has to do something before they are watched."""

    kind: EventKind
    reason: Rests
    to_mend: bool
    count: int


class RestingRule(Answer):
    """Of a camera, by its ``number`` and ``name``."""

    id: UUID
    camera_id: UUID
    number: int
    name: str
    rule: str
    kind: EventKind
    reason: Rests


class RulesResting(Answer):
    """``named``: 50 at most, those that somebody has to mend first; none that is out of use.

    ``unavailable``: kinds that no rule can notice until a model is set for them. ``off_preset``:
    cameras, 500 at most, of which a rule rests because they look elsewhere.
    """

    counts: list[RestingCount]
    named: list[RestingRule]
    off_preset: list[UUID]
    unavailable: list[EventKind]


@ROUTES.get(
    "/rules/states",
    needs=Needs.SESSION,
    summary="What is watched for now on the cameras I may know of, and why the rest is not.",
    query=OfCamera,
    answers={200: TypeAdapter(list[RuleNow])},
)
async def list_states(request: web.Request) -> web.Response:
    query, principal = read_query(request, OfCamera), person_of(request)
    communes = await keys.communes_in(request, principal, Permission.READ_SETUP, query.commune)
    communes |= await keys.communes_in(request, principal, Permission.VIEW_CAMERAS, query.commune)
    found = await request.config_dict[keys.RULE_STATES].of(
        communes,
        camera_id=CameraId(query.camera) if query.camera else None,
        at=keys.now(request),
    )
    return answers(
        RuleNow(
            id=one.rule.id,
            camera_id=one.camera_id,
            kind=one.rule.kind,
            name=one.rule.name,
            rests=one.rests,
            to_mend=one.rests is not None and one.rests.is_to_be_mended,
        )
        for one in found
    )


def resting_in(
    states: Iterable[RuleState], labels: Set[str], communes: Set[CommuneId]
) -> RulesResting:
    """Give what rests of the rules in ``communes``."""
    resting = [(one, one.rests) for one in states if one.rests and one.commune_id in communes]
    named = [(one, rests) for one, rests in resting if rests is not Rests.OFF]
    named.sort(key=lambda pair: not pair[1].is_to_be_mended)  # of equals, by camera as they came
    counts = Counter((one.rule.kind, rests) for one, rests in resting)
    return RulesResting(
        counts=[
            RestingCount(kind=kind, reason=rests, to_mend=rests.is_to_be_mended, count=count)
            for (kind, rests), count in sorted(counts.items())
        ],
        named=[
            RestingRule(
                id=one.rule.id,
                camera_id=one.camera_id,
                number=one.number,
                name=one.camera_name,
                rule=one.rule.name,
                kind=one.rule.kind,
                reason=rests,
            )
            for one, rests in named[:MOST_NAMED]
        ],
        off_preset=list(
            dict.fromkeys(one.camera_id for one, rests in resting if rests is Rests.OFF_PRESET)
        )[:MOST_OFF_PRESET],
        unavailable=[kind for kind in TYPES if why_unavailable(kind, labels)],
    )


def measure(states: Iterable[RuleState]) -> None:
    """Put in the metric what rests."""
    RESTING.clear()
    for one in states:
        if one.rests is not None:
            RESTING.labels(one.rule.kind.value, one.rests.value).inc()
