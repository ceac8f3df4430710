"""What is measured of a viewing on its way, and who else watches."""

from typing import Any
from uuid import UUID

from aiohttp import web

from domain.errors import NotFound, Unavailable
from domain.identifiers import ViewingId
from domain.people import Permission
from domain.principals import DevicePrincipal, Principal
from mobile_api.description import Needs, Routes
from server.database.viewings import Viewing
from server.http import keys
from server.http.media import MEDIA
from server.http.principal import PRINCIPAL
from server.http.schemas import Answer, At, answer, id_in

ROUTES = Routes("viewings")


class WatcherAnswer(Answer):
    person_id: UUID
    name: str
    with_device: bool
    since: At


class StatisticsAnswer(Answer):
    """``relay``: what the media process counts for this viewing; None where it can't say.

    ``watching`` counts all who watch the camera or the patrol; ``watchers`` names them to people
    of the same commune alone. Neither is told of a viewing that has ended.
    """

    viewing_id: UUID
    stream_id: UUID
    started_at: At
    relay: dict[str, Any] | None
    watching: int
    watchers: list[WatcherAnswer]


@ROUTES.get(
    "/viewings/{viewing_id}/statistics",
    needs=Needs.SESSION_OR_DEVICE,
    summary="What is measured of a viewing of mine, and who else watches.",
    answers={200: StatisticsAnswer},
)
async def statistics(request: web.Request) -> web.Response:
    principal, media = request[PRINCIPAL], request.config_dict[MEDIA]
    viewing = await request.config_dict[keys.ACCESS].viewing_for(
        principal, id_in(request, "viewing_id", ViewingId)
    )
    relay: dict[str, Any] | None = None
    if viewing.ended_at is None:
        try:
            process = await media.by_holder(viewing.holder)
            relay = await media.statistics(process, viewing.id)
        except (NotFound, Unavailable):
            relay = None  # what the page measures itself is shown all the same
    # A right that has ended ends the viewing: from then on it tells nothing of the others.
    watchers = (
        await request.config_dict[keys.VIEWINGS].watchers(viewing.stream_id)
        if viewing.ended_at is None
        else []
    )
    named = _is_of_the_room(request, principal, viewing)
    return answer(
        StatisticsAnswer(
            viewing_id=viewing.id,
            stream_id=viewing.stream_id,
            started_at=viewing.started_at,
            relay=relay,
            watching=len(watchers),
            watchers=[WatcherAnswer.model_validate(one) for one in watchers] if named else [],
        )
    )


def _is_of_the_room(request: web.Request, principal: Principal, viewing: Viewing) -> bool:
    """Names are for the commune's own people: not for phones, nor for a convention's guest."""
    if isinstance(principal, DevicePrincipal):
        return False
    seeing = Permission.VIEW_CAMERAS if viewing.camera_id else Permission.VIEW_PATROL_STREAMS
    return viewing.commune_id in principal.person.communes_with(seeing, keys.now(request))
