"""References of rules: a person says that a zone now looks as it should."""

from datetime import datetime

from aiohttp import web

from domain.authorisations import NotAuthorised
from domain.cameras import Camera
from domain.errors import NotFound
from domain.identifiers import CameraId, RuleId
from domain.looks import Sight
from domain.people import Permission
from domain.references import Light, Reference
from domain.register import Action, Entry
from domain.rules import InvalidRule, Rule, type_of
from mobile_api.description import Routes
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, At, answer, id_in

ROUTES = Routes("references")
PATH = "/cameras/{camera_id}/rules/{rule_id}/references"


class ReferenceAnswer(Answer):
    """``taken_at``: None until the first was taken; ``is_wanted``: one is being waited for."""

    light: Light
    asked_at: At
    taken_at: At | None
    is_wanted: bool


class ReferencesOfRule(Answer):
    references: list[ReferenceAnswer]


@ROUTES.get(
    PATH,
    needs=Permission.READ_SETUP,
    summary="The pictures that a rule's zone is compared with.",
    answers={200: ReferencesOfRule},
)
async def get_references(request: web.Request) -> web.Response:
    camera, rule = await _rule(request, Permission.READ_SETUP)
    return await _shown(request, camera, rule)


@ROUTES.put(
    PATH + "/{light}",
    needs=Permission.MANAGE_ZONES,
    summary="Have the zone's picture taken now, as what it looks like when nothing is the matter.",
    answers={200: ReferencesOfRule},
    problems=("invalid-rule", "not-authorised"),
)
async def ask_for_reference(request: web.Request) -> web.Response:
    camera, rule = await _rule(request, Permission.MANAGE_ZONES)
    light, now = _light(request), keys.now(request)
    if Sight.CHANGES not in type_of(rule.kind).sights:
        raise InvalidRule("This kind of event compares nothing with a picture.")
    # Who analyses asks again; refused here, nobody waits for a picture that never comes.
    if await request.config_dict[keys.AUTHORISATIONS].allowing(camera, [rule.kind], at=now) is None:
        raise NotAuthorised("No act in force allows this camera's pictures to be analysed for it.")
    await request.config_dict[keys.REFERENCES].ask(
        camera, rule.id, light, actor=person_of(request).actor, at=now
    )
    return await _shown(request, camera, rule)


@ROUTES.get(
    PATH + "/{light}/picture",
    needs=Permission.MANAGE_ZONES,
    summary="The picture of a rule's zone; noted in the register.",
    answers={200: "image/png"},
)
async def get_reference_picture(request: web.Request) -> web.Response:
    camera, rule = await _rule(request, Permission.MANAGE_ZONES)
    light = _light(request)
    kept = await request.config_dict[keys.REFERENCES].of_rule(camera.id, rule.id)
    picture = next((one.picture for one in kept if one.light is light), None)
    if picture is None:
        raise NotFound("this rule has no such reference")
    await request.config_dict[keys.REGISTER].write(
        Entry(
            at=keys.now(request),
            actor=person_of(request).actor,
            action=Action.STILL_VIEWED,
            about=f"camera:{camera.id}",
            commune_id=camera.commune_id,
            motive="reference",
            data={"rule": str(rule.id), "light": light.value},
        )
    )
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=picture, content_type="image/png", headers=headers)


@ROUTES.delete(
    PATH + "/{light}",
    needs=Permission.MANAGE_ZONES,
    summary="Compare a rule's zone with this picture no longer.",
    answers={200: ReferencesOfRule},
)
async def drop_reference(request: web.Request) -> web.Response:
    camera, rule = await _rule(request, Permission.MANAGE_ZONES)
    await request.config_dict[keys.REFERENCES].drop(
        camera, rule.id, _light(request), actor=person_of(request).actor, at=keys.now(request)
    )
    return await _shown(request, camera, rule)


async def _rule(request: web.Request, permission: Permission) -> tuple[Camera, Rule]:
    camera = await request.config_dict[keys.ACCESS].camera_for(
        person_of(request), id_in(request, "camera_id", CameraId), permission
    )
    rule_id = id_in(request, "rule_id", RuleId)
    for rule in await request.config_dict[keys.RULES].of(camera.id):
        if rule.id == rule_id:
            return camera, rule
    raise NotFound("this camera has no such rule")


def _light(request: web.Request) -> Light:
    try:
        return Light(request.match_info["light"])
    except ValueError:
        raise NotFound("a reference is of the day or of the night") from None


async def _shown(request: web.Request, camera: Camera, rule: Rule) -> web.Response:
    now = keys.now(request)
    kept = await request.config_dict[keys.REFERENCES].of_rule(camera.id, rule.id)
    return answer(ReferencesOfRule(references=[_reference(one, now) for one in kept]))


def _reference(one: Reference, at: datetime) -> ReferenceAnswer:
    return ReferenceAnswer(
        light=one.light,
        asked_at=one.asked_at,
        taken_at=one.taken_at,
        is_wanted=one.is_wanted(at),
    )
