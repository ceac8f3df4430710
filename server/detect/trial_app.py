"""Trials over the inner HTTP API: asked for, followed, stopped, and their stills."""

from collections.abc import Iterable
from uuid import UUID

from aiohttp import web

from domain.errors import Invalid, NotFound
from domain.identifiers import CameraId, EventId, PersonId, TrialId
from domain.trials import Hours
from server.detect.trials import Moment, Trial, Trials
from server.trial_requests import TrialRequest

TRIALS = web.AppKey("TRIALS", Trials)

OF_CAMERA = "/cameras/{camera_id}/trials"
ONE = f"{OF_CAMERA}/{{trial_id}}"
PIECE = 1024 * 1024
"""Bytes of a film that are in memory at once."""

routes = web.RouteTableDef()


@routes.post(OF_CAMERA)
async def begin(request: web.Request) -> web.Response:
    try:
        asked = TrialRequest.read(await request.read())
    except (ValueError, KeyError) as error:
        raise Invalid("this asks for no trial") from error
    return web.json_response(_told(request.app[TRIALS].begin(asked)), status=201)


@routes.put(f"{ONE}/film")
async def receive(request: web.Request) -> web.Response:
    """Take the film of a trial that waits for it, and tell what is to be tried on it."""
    trial = _trial(request)
    await request.app[TRIALS].receive(trial, request.content.iter_chunked(PIECE))
    return web.Response(body=trial.asked.as_json(), content_type="application/json")


@routes.post(f"{ONE}/start")
async def start(request: web.Request) -> web.Response:
    trial = _trial(request)
    request.app[TRIALS].start(trial)
    return web.json_response(_told(trial))


@routes.get(ONE)
async def show(request: web.Request) -> web.Response:
    return web.json_response(_told(_trial(request)))


@routes.delete(ONE)
async def cancel(request: web.Request) -> web.Response:
    request.app[TRIALS].cancel(_trial(request))
    return web.Response(status=204)


@routes.get(f"{ONE}/stills/{{event_id}}")
async def still(request: web.Request) -> web.Response:
    moment = _trial(request).moments.get(EventId(_uuid(request.match_info["event_id"])))
    if moment is None:
        raise NotFound("there is no such moment")
    return web.Response(body=moment.still, content_type="image/jpeg")


def _trial(request: web.Request) -> Trial:
    return request.app[TRIALS].get(
        TrialId(_uuid(request.match_info["trial_id"])),
        CameraId(_uuid(request.match_info["camera_id"])),
        PersonId(_uuid(request.query.get("person", ""))),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("there is no such trial") from None


def _told(trial: Trial) -> dict[str, object]:
    asked = trial.asked
    return {
        "id": str(asked.id),
        "camera_id": str(asked.camera_id),
        "state": trial.state.value,
        "problem": trial.problem,
        "starts_at": asked.starts_at.isoformat(),
        "ends_at": asked.ends_at.isoformat(),
        "film": asked.brought.name if asked.brought else None,
        "looked_until": trial.looked_until.isoformat() if trial.looked_until else None,
        "looked": trial.looked,
        "not_covered": _hours(trial.not_covered),
        "damaged": _hours(trial.damaged),
        "destroyed": _hours(trial.destroyed),
        "has_more": trial.has_more,
        "moments": [_moment(one) for one in trial.moments.values()],
    }


def _hours(hours: Iterable[Hours]) -> list[dict[str, str]]:
    return [
        {"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat()}
        for one in hours
    ]


def _moment(one: Moment) -> dict[str, object]:
    opened = one.opened
    sides = [shown.box for shown in opened.shown]
    return {
        "id": str(opened.event_id),
        "rule_id": str(opened.rule_id),
        "kind": opened.kind.value,
        "opened_at": opened.opened_at.isoformat(),
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
        "boxes": [[box.left, box.top, box.right, box.bottom] for box in sides],
    }
