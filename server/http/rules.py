"""Rules: what is to be noticed on a camera, drawn on its still."""

from datetime import time
from typing import Annotated, Literal
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field

from domain.authorisations import DailyHours
from domain.cameras import Camera
from domain.errors import NotFound
from domain.events import EventKind
from domain.identifiers import CameraId, RuleId
from domain.lines import Crossing, Line
from domain.people import Permission
from domain.rules import (
    MOST_RULES,
    TYPES,
    LegalList,
    Rule,
    Service,
    Shape,
    Subjects,
    configured,
    why_unavailable,
    why_unreferenced,
)
from domain.zones import MOST_POINTS, Zone
from mobile_api.bodies import Body, read_body
from mobile_api.bodies import Line as TextLine
from mobile_api.description import Routes
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, answer, id_in

ROUTES = Routes("rules")

type Share = Annotated[float, Field(allow_inf_nan=False, ge=-10.0, le=10.0)]
type Corner = Annotated[list[Share], Field(min_length=2, max_length=2)]
type Number = Annotated[float, Field(allow_inf_nan=False)]
type Name = Annotated[str, Field(max_length=40)]


class RuleHours(Body):
    """Local hours of the day, over midnight if it ends first; ``time_zone``: else the commune's."""

    starts: time
    ends: time
    time_zone: TextLine | None = None


class RuleBody(Body):
    """``points``: [x, y], shares of the picture's width and height, 0..1.

    ``counts``: of a line, the side to which crossing counts, as one looks from its first point to
    its last. ``bearing``: the allowed direction in the picture, degrees clockwise from upwards.
    ``subjects``: of kinds that leave the choice; null: the kind's default.
    """

    id: UUID | None = None
    kind: EventKind
    name: TextLine
    shape: Literal["zone", "line"]
    points: Annotated[list[Corner], Field(min_length=2, max_length=MOST_POINTS)]
    counts: Crossing | None = None
    bearing: Number | None = None
    thresholds: Annotated[dict[Name, Number], Field(max_length=16, default_factory=dict)]
    subjects: Subjects | None = None
    hours: RuleHours | None = None
    preset: TextLine | None = None
    in_use: bool = True

    def read(self, *, turns: bool, time_zone: str) -> Rule:
        """Give the rule; raises ``InvalidRule``, ``InvalidZone``, ``InvalidLine``, …

        ``time_zone``: its commune's.
        """
        hours = self.hours
        rule = Rule(
            id=RuleId(self.id or uuid4()),
            kind=self.kind,
            name=self.name,
            shape=(
                Zone.drawn(self.points)
                if self.shape == "zone"
                else Line.drawn(self.points, self.counts or Crossing.ANY)
            ),
            bearing=self.bearing,
            thresholds=self.thresholds,
            subjects=self.subjects,
            hours=(
                DailyHours(hours.starts, hours.ends, hours.time_zone or time_zone)
                if hours
                else None
            ),
            preset=self.preset,
            in_use=self.in_use,
        )
        return configured(rule, turns=turns)


class RulesBody(Body):
    rules: Annotated[list[RuleBody], Field(max_length=MOST_RULES)]


class RuleAnswer(Answer):
    id: UUID
    kind: EventKind
    name: str
    shape: Literal["zone", "line"]
    points: list[tuple[float, float]]
    counts: Crossing | None
    bearing: float | None
    thresholds: dict[str, float]
    subjects: Subjects | None
    hours: RuleHours | None
    preset: str | None
    in_use: bool


class RulesOfCamera(Answer):
    """``unavailable``: by rule, why it rests at any hour: no model, or no reference, is there."""

    rules: list[RuleAnswer]
    unavailable: dict[UUID, str]


class ThresholdAnswer(Answer):
    name: str
    unit: str
    default: float
    least: float
    most: float


class RuleTypeAnswer(Answer):
    """What a kind declares of itself; ``labels``: of the model that has to be supplied for it.

    ``helping_labels``: of a model that is asked where there is one. ``unavailable``: why the kind
    can't be noticed now. ``subjects``: what may be chosen, the default first; empty where the kind
    leaves no choice. ``needs_reference``: its zone is compared with a picture that has to be taken.
    """

    kind: EventKind
    legal_list: LegalList
    service: Service
    shape: Shape
    thresholds: list[ThresholdAnswer]
    evidence: str
    limits: str
    is_experimental: bool
    labels: list[str]
    subjects: list[Subjects]
    helping_labels: list[str]
    needs_reference: bool
    unavailable: str | None


class RuleTypes(Answer):
    types: list[RuleTypeAnswer]


@ROUTES.get(
    "/rule-types",
    needs=Permission.READ_SETUP,
    summary="The kinds of event that a rule can watch for.",
    answers={200: RuleTypes},
)
async def get_rule_types(request: web.Request) -> web.Response:
    person_of(request)
    labels = await request.config_dict[keys.PROCESSES].labels()
    return answer(
        RuleTypes(
            types=[
                RuleTypeAnswer(
                    kind=one.kind,
                    legal_list=one.legal_list,
                    service=one.service,
                    shape=one.shape,
                    thresholds=[
                        ThresholdAnswer(
                            name=t.name, unit=t.unit, default=t.default, least=t.least, most=t.most
                        )
                        for t in one.thresholds
                    ],
                    evidence=one.evidence,
                    limits=one.limits,
                    is_experimental=one.is_experimental,
                    labels=sorted(one.labels),
                    subjects=list(one.subjects),
                    helping_labels=sorted(one.helping_labels),
                    needs_reference=one.needs_reference,
                    unavailable=one.why_unavailable(labels),
                )
                for one in TYPES.values()
            ]
        )
    )


@ROUTES.get(
    "/cameras/{camera_id}/rules",
    needs=Permission.READ_SETUP,
    summary="The rules of a camera.",
    answers={200: RulesOfCamera},
)
async def get_rules(request: web.Request) -> web.Response:
    camera = await _camera(request, Permission.READ_SETUP)
    return await _shown(request, camera, await request.config_dict[keys.RULES].of(camera.id))


@ROUTES.put(
    "/cameras/{camera_id}/rules",
    needs=Permission.MANAGE_ZONES,
    summary="Set all rules of a camera.",
    body=RulesBody,
    answers={200: RulesOfCamera},
    problems=("invalid-rule", "invalid-zone", "invalid-line", "invalid-hours"),
)
async def set_rules(request: web.Request) -> web.Response:
    camera = await _camera(request, Permission.MANAGE_ZONES)
    body, turns = await read_body(request, RulesBody), await _turns(request, camera)
    commune = await request.config_dict[keys.COMMUNES].get(camera.commune_id)
    rules = [one.read(turns=turns, time_zone=commune.timezone) for one in body.rules]
    kept = await request.config_dict[keys.RULES].put(
        camera.id, rules, actor=person_of(request).actor, at=keys.now(request)
    )
    return await _shown(request, camera, kept)


async def _camera(request: web.Request, permission: Permission) -> Camera:
    camera_id = id_in(request, "camera_id", CameraId)
    return await request.config_dict[keys.ACCESS].camera_for(
        person_of(request), camera_id, permission
    )


async def _turns(request: web.Request, camera: Camera) -> bool:
    try:
        access = await request.config_dict[keys.ONVIF].get(camera.id)
    except NotFound:
        return False
    return access.abilities.has_ptz


async def _shown(request: web.Request, camera: Camera, rules: list[Rule]) -> web.Response:
    labels = await request.config_dict[keys.PROCESSES].labels()
    references = await request.config_dict[keys.REFERENCES].of_cameras([camera.id])
    referenced = {one.rule_id for one in references.get(camera.id, ()) if one.picture}
    why = {
        rule.id: why_unavailable(rule.kind, labels)
        or (why_unreferenced(rule.kind) if rule.id not in referenced else None)
        for rule in rules
    }
    return answer(
        RulesOfCamera(
            rules=[_rule(rule) for rule in rules],
            unavailable={rule: text for rule, text in why.items() if text},
        )
    )


def _rule(rule: Rule) -> RuleAnswer:
    line = rule.shape if isinstance(rule.shape, Line) else None
    hours = rule.hours
    return RuleAnswer(
        id=rule.id,
        kind=rule.kind,
        name=rule.name,
        shape="line" if line else "zone",
        points=[(point.x, point.y) for point in rule.shape.points],
        counts=line.counts if line else None,
        bearing=rule.bearing,
        thresholds=dict(rule.thresholds),
        subjects=rule.subjects,
        hours=(
            RuleHours(starts=hours.starts, ends=hours.ends, time_zone=hours.time_zone)
            if hours
            else None
        ),
        preset=rule.preset,
        in_use=rule.in_use,
    )
