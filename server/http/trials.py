"""Trials: rules that are not saved, on a camera's recordings or on a film of it that is brought.

Under the law of detection itself, asked here for the present and the hours, and by the detect
process for each part of them; with a motive that is in the register before the first picture.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field

from domain.authorisations import Authorisation, NotAuthorised, acts_for
from domain.cameras import Camera
from domain.errors import DomainError, NotFound
from domain.events import EventKind
from domain.footings import footing_at
from domain.identifiers import CameraId, EventId, PersonId, TrialId
from domain.people import Permission
from domain.recordings import BadHours
from domain.register import Action, Entry
from domain.rules import MOST_RULES, Rule
from domain.trials import LONGEST_TRIAL, BroughtFilm, covered_hours
from mobile_api.bodies import Body, Instant, Line, WrongMediaType, read_body
from mobile_api.description import Routes
from server.database.playbacks import Stored
from server.http import keys
from server.http.archive import ARCHIVE
from server.http.inner_answers import as_told, read_as
from server.http.playback import GapAnswer
from server.http.principal import person_of
from server.http.rules import RuleBody
from server.http.schemas import Answer, At, answer, id_in
from server.http.trial_calls import TRIAL_PROCESSES
from server.trial_requests import TrialRequest, TriedSegment

ROUTES = Routes("rules")

MANAGE = Permission.MANAGE_ZONES
JPEG, FILM = "image/jpeg", "application/octet-stream"


class FilmToBring(Body):
    """A file of this camera, as who brings it states: its name and bytes; it is sent afterwards."""

    name: Annotated[Line, Field(min_length=1, max_length=200)]
    size: Annotated[int, Field(ge=1)]
    is_of_camera: Literal[True]


class NewTrial(Body):
    """``motive``: why these hours are looked back on; the register has it before a picture is read.

    At most an hour. With a ``film``, which has its own end, ``starts_at`` is its first picture's.
    ``replaces``: a trial of mine that runs or waits is stopped; without, this one is refused.
    """

    id: UUID | None = None
    rules: Annotated[list[RuleBody], Field(min_length=1, max_length=MOST_RULES)]
    starts_at: Instant
    ends_at: Instant | None = None
    film: FilmToBring | None = None
    motive: Annotated[Line, Field(min_length=3)]
    replaces: bool = False


class MomentAnswer(Answer):
    """An event that would have been; ``closed_at`` null: it lasted to the end of the hours."""

    id: UUID
    rule_id: UUID
    kind: EventKind
    opened_at: At
    closed_at: At | None
    boxes: list[tuple[float, float, float, float]]


class FiredAnswer(Answer):
    """An event that there really was in these hours; ``alert_state``: what became of it."""

    id: UUID
    rule_id: UUID
    kind: EventKind
    opened_at: At
    closed_at: At | None
    alert_state: str | None


class TrialAnswer(Answer):
    """``state``: receiving, waiting, running, done, cancelled or failed; ``problem``: why, a code.

    ``film``: the name of what was brought; until it has come, its end is not known.

    ``looked_until``: the newest picture so far; ``looked``: how many were looked at.
    ``not_covered``: what no act covers, and was not decoded; ``damaged``: what can't be read;
    ``destroyed``: what is recorded no more since, and whose moments are gone with it.
    ``has_more``: of that many moments some are left out. Kept for half an hour once it is over.
    """

    id: UUID
    camera_id: UUID
    state: str
    problem: str
    film: str | None
    starts_at: At
    ends_at: At
    looked_until: At | None
    looked: int
    not_covered: list[GapAnswer]
    damaged: list[GapAnswer]
    destroyed: list[GapAnswer]
    has_more: bool
    moments: list[MomentAnswer]
    fired: list[FiredAnswer]


@ROUTES.post(
    "/cameras/{camera_id}/trials",
    needs=MANAGE,
    summary="Try rules on at most an hour of recordings, or on a film to be brought.",
    body=NewTrial,
    answers={201: TrialAnswer},
    problems=(
        "bad-hours",
        "not-authorised",
        "invalid-rule",
        "invalid-zone",
        "invalid-line",
        "invalid-hours",
        "your-trial-runs",
        "too-many-trials",
        "film-too-large",
    ),
)
async def begin(request: web.Request) -> web.Response:
    principal, camera = person_of(request), await _camera(request)
    body, now = await read_body(request, NewTrial), keys.now(request)
    if (body.film is None) == (body.ends_at is None):
        raise BadHours("a trial has an end, or a film")
    starts_at = body.starts_at
    ends_at = min(body.ends_at or starts_at + LONGEST_TRIAL, now)
    if not timedelta(0) < ends_at - starts_at <= LONGEST_TRIAL:
        raise BadHours("at most an hour is tried at once; it ends after it starts, and is over")
    commune = await request.config_dict[keys.COMMUNES].get(camera.commune_id)
    rules = [one.read(turns=False, time_zone=commune.timezone) for one in body.rules]
    acts = await _acts(request, camera, rules, starts_at, ends_at, now=now)
    asked = TrialRequest(
        id=TrialId(body.id or uuid4()),
        person_id=principal.person.id,
        camera_id=camera.id,
        rules=rules,
        starts_at=starts_at,
        ends_at=ends_at,
        replaces=body.replaces,
    )
    trials = request.config_dict[TRIAL_PROCESSES]
    if body.film is not None:
        brought = BroughtFilm(name=body.film.name, size=body.film.size, motive=body.motive)
        return await _shown(request, await trials.begin(replace(asked, brought=brought)), 201)
    stored = await request.config_dict[ARCHIVE].of_hours(
        camera.id, camera.commune_id, starts_at=starts_at, ends_at=ends_at, now=now
    )
    segments = tuple(one for each in stored if (one := _tried(each, starts_at, ends_at)))
    if not segments:
        raise NotFound("nothing is recorded of these hours (any more)")
    await _note(request, camera, asked, motive=body.motive, acts=acts, at=now)
    return await _shown(request, await trials.begin(replace(asked, segments=segments)), 201)


@ROUTES.put(
    "/cameras/{camera_id}/trials/{trial_id}/film",
    needs=MANAGE,
    summary="Bring the film of a trial of mine; it is tried on once the register has it.",
    body=FILM,
    answers={200: TrialAnswer},
    problems=(
        "bad-hours",
        "not-authorised",
        "not-a-film",
        "no-pictures",
        "wrong-codec",
        "film-too-large",
        "conflict",
    ),
)
async def bring(request: web.Request) -> web.Response:
    camera, trials = await _camera(request), request.config_dict[TRIAL_PROCESSES]
    if request.content_type != FILM:
        raise WrongMediaType(FILM)
    whose = _of(request, camera)
    asked = await trials.bring(*whose, request.content.iter_any())
    try:
        now, brought = keys.now(request), asked.brought
        if brought is None or asked.ends_at > now:
            raise BadHours("a film that began then would not be over yet")
        hours = (asked.starts_at, asked.ends_at)
        acts = await _acts(request, camera, asked.rules, *hours, now=now)
        film = {"name": brought.name, "bytes": brought.size, "sha256": brought.sha256}
        await _note(request, camera, asked, motive=brought.motive, acts=acts, at=now, film=film)
    except DomainError:
        await trials.cancel(*whose)
        raise
    return await _shown(request, await trials.start(*whose))


@ROUTES.get(
    "/cameras/{camera_id}/trials/{trial_id}",
    needs=MANAGE,
    summary="How a trial of mine goes, and what would have been an event so far.",
    answers={200: TrialAnswer},
)
async def show(request: web.Request) -> web.Response:
    return await _shown(request, await _found(request, await _camera(request)))


@ROUTES.delete(
    "/cameras/{camera_id}/trials/{trial_id}",
    needs=MANAGE,
    summary="Stop a trial of mine.",
    answers={204: None},
)
async def cancel(request: web.Request) -> web.Response:
    whose = _of(request, await _camera(request))
    await request.config_dict[TRIAL_PROCESSES].cancel(*whose)
    return web.Response(status=204)


@ROUTES.get(
    "/cameras/{camera_id}/trials/{trial_id}/moments/{moment_id}/still",
    needs=MANAGE,
    summary="The picture of a moment of a trial of mine, nothing drawn on it.",
    answers={200: JPEG},
    problems=("not-authorised",),
)
async def send_still(request: web.Request) -> web.Response:
    camera, moment_id = await _camera(request), id_in(request, "moment_id", EventId)
    found = await _found(request, camera)
    with as_told():
        is_shown = str(moment_id) in {one["id"] for one in found["moments"]}
        if found["problem"] and not is_shown:
            raise NotAuthorised("no act covers this kind of event on this camera now")
    camera_id, trial_id, person_id = _of(request, camera)
    jpeg = await request.config_dict[TRIAL_PROCESSES].still(
        camera_id, trial_id, moment_id, person_id
    )
    return web.Response(body=jpeg, content_type=JPEG, headers={"Cache-Control": "no-store"})


async def _camera(request: web.Request) -> Camera:
    """One whose rules I may draw and whose recordings I may look at."""
    access, camera_id = request.config_dict[keys.ACCESS], id_in(request, "camera_id", CameraId)
    await access.camera_for(person_of(request), camera_id, MANAGE)
    camera: Camera = await access.camera_for(
        person_of(request), camera_id, Permission.VIEW_RECORDINGS
    )
    return camera


def _of(request: web.Request, camera: Camera) -> tuple[CameraId, TrialId, PersonId]:
    return camera.id, id_in(request, "trial_id", TrialId), person_of(request).person.id


async def _found(request: web.Request, camera: Camera) -> dict[str, Any]:
    """Give a trial of mine; its moments of a kind that no act allows any more are left out.

    Its problem says so, unless it has another.
    """
    found = await request.config_dict[TRIAL_PROCESSES].get(*_of(request, camera))
    allowing, now = request.config_dict[keys.AUTHORISATIONS].allowing, keys.now(request)
    with as_told():
        told, problem = found["moments"], found["problem"]
        kinds = {EventKind(one["kind"]) for one in told}
    allowed = {kind for kind in kinds if await allowing(camera, [kind], at=now) is not None}
    moments = [one for one in told if one["kind"] in allowed]
    if len(moments) == len(told):
        return found
    return found | {"moments": moments, "problem": problem or NotAuthorised.code}


async def _note(
    request: web.Request,
    camera: Camera,
    asked: TrialRequest,
    *,
    motive: str,
    acts: Sequence[str],
    at: datetime,
    film: Mapping[str, object] | None = None,
) -> None:
    """Have it in the register; a film with the camera and the hours that were stated."""
    await request.config_dict[keys.REGISTER].write(
        Entry(
            at=at,
            actor=person_of(request).actor,
            action=Action.RULES_TRIED,
            about=f"camera:{camera.id}",
            commune_id=camera.commune_id,
            motive=motive,
            data={
                "trial": str(asked.id),
                "from": asked.starts_at.isoformat(),
                "until": asked.ends_at.isoformat(),
                "kinds": sorted({rule.kind.value for rule in asked.rules}),
                "authorisations": list(acts),
                **({"film": dict(film)} if film else {}),
            },
        )
    )


async def _acts(
    request: web.Request,
    camera: Camera,
    rules: Sequence[Rule],
    starts_at: datetime,
    ends_at: datetime,
    *,
    now: datetime,
) -> list[str]:
    """Give the acts by which these rules may be tried now on some of these hours.

    Raises ``NotAuthorised``. Part by part it is asked again where pictures are decoded.
    """
    running = await request.config_dict[keys.AUTHORISATIONS].running(at=now)
    acts = [act for act in running if camera.id in act.camera_ids]
    footings = await request.config_dict[keys.CAMERAS].footings(camera.id)

    def allowing(kinds: Iterable[EventKind], at: datetime) -> dict[EventKind, Authorisation]:
        was = footing_at(footings, at)
        return acts_for(
            acts,
            kinds,
            camera=camera.id,
            at=at,
            is_demonstration=was.is_demonstration,
            place_kind=was.place_kind,
        )

    now_by = allowing({rule.kind for rule in rules}, now)
    tried = [rule for rule in rules if rule.kind in now_by]
    if not covered_hours(
        lambda at: bool(allowing({rule.kind for rule in tried if rule.is_due(at)}, at)),
        acts,
        tried,
        footings,
        starts_at=starts_at,
        ends_at=ends_at,
    ):
        raise NotAuthorised("no act covers these kinds both now and in the hours that are tried")
    return sorted({str(act.id) for act in now_by.values()})


def _tried(one: Stored, starts_at: datetime, ends_at: datetime) -> TriedSegment | None:
    if one.cues is None or one.holder is None:
        return None
    started_at = one.segment.started_at
    return TriedSegment(
        segment_id=one.segment.id,
        holder=one.holder,
        path=f"/recordings/{one.segment.commune_id}/{one.path}",
        started_at=started_at,
        head_size=one.cues.head_size,
        parts=tuple(one.cues.parts(started_at, since=starts_at, until=ends_at)),
    )


async def _shown(request: web.Request, found: dict[str, Any], status: int = 200) -> web.Response:
    """With what really was an event in these hours, beside what would have been."""
    trial = read_as(TrialAnswer, found | {"fired": []})
    fired = await request.config_dict[keys.EVENTS].of_camera(
        CameraId(trial.camera_id), starts_at=trial.starts_at, ends_at=trial.ends_at
    )
    told = [FiredAnswer.model_validate(dict(one)) for one in fired]
    return answer(trial.model_copy(update={"fired": told}), status=status)
