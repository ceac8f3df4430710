"""Speaking through a camera's loudspeaker: by WHIP, audio alone, or an announcement.

Who speaks, where and why is in the register before the camera is even dialled.
"""

from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import web
from multidict import CIMultiDict
from pydantic import Field, TypeAdapter

from domain.cameras import Camera
from domain.errors import DomainError, NotFound
from domain.identifiers import AnnouncementId, CameraId, CommuneId, TalkId
from domain.people import Permission
from domain.principals import PersonPrincipal
from domain.talks import Announcement, Talk
from mobile_api.bodies import Body, Line, WrongMediaType, read_body, read_bytes, read_query
from mobile_api.description import Routes
from server.database.talks import OpenTalk
from server.http import keys
from server.http.ice import ice_links
from server.http.loudspeakers import Loudspeakers
from server.http.media import FRAGMENT, MEDIA, SDP
from server.http.negotiation import read_sdp, tell_ice_servers
from server.http.principal import PRINCIPAL, ask_again, person_of
from server.http.schemas import Answer, ByCommune, answer, answers, id_in

ROUTES = Routes("talks")
LOUDSPEAKERS = web.AppKey("LOUDSPEAKERS", Loudspeakers)

SPEAK, KEEP = Permission.SPEAK_THROUGH_CAMERAS, Permission.MANAGE_ANNOUNCEMENTS
TALKS = "/api/v1/talks"
SOUND = "application/octet-stream"
LARGEST_SOUND = 4 * 1024 * 1024
REFUSED = (
    "no-loudspeaker",
    "loudspeaker-taken",
    "loudspeaker-away",
    "no-order-in-force",
    "stream-offline",
)

type TalkMotive = Annotated[Line, Field(min_length=1, max_length=200)]
type AnnouncementName = Annotated[Line, Field(min_length=1, max_length=60)]
type AnnouncementWords = Annotated[Line, Field(min_length=1, max_length=500)]


class Speaking(Body):
    motive: TalkMotive


class Announcing(Body):
    announcement_id: UUID
    motive: TalkMotive


class NewAnnouncement(Body):
    """``text``: what the sound says, word for word; it is shown before it is heard."""

    commune: UUID
    name: AnnouncementName
    text: AnnouncementWords


class AnnouncementAnswer(Answer):
    id: UUID
    commune_id: UUID
    name: str
    text: str
    seconds: float


class Announced(Answer):
    talk_id: UUID
    seconds: float


@ROUTES.options(
    "/cameras/{camera_id}/talk",
    needs=SPEAK,
    summary="The STUN and TURN servers for speaking, before there is an offer (Link headers).",
    answers={204: None},
)
async def servers_for_speaking(request: web.Request) -> web.Response:
    await _camera(request)
    return tell_ice_servers(request)


@ROUTES.post(
    "/cameras/{camera_id}/talk",
    needs=SPEAK,
    summary="Speak through a camera's loudspeaker (WHIP, audio alone); noted in the register.",
    query=Speaking,
    body=SDP,
    answers={201: SDP},
    problems=("bad-session-description", "no-common-codec", "many-connecting", *REFUSED),
)
async def speak(request: web.Request) -> web.Response:
    camera, motive = await _camera(request), read_query(request, Speaking).motive
    offer = await read_sdp(request, SDP)
    talk = _talk(request, camera, motive)
    process = await request.config_dict[MEDIA].of_camera(camera)
    await _begin(request, talk, None, process.holder)
    speaking = request.config_dict[LOUDSPEAKERS].speak(process, camera, talk.id, offer)
    answered = await _or_end(request, talk, process.holder, speaking)
    location = f"{TALKS}/{talk.id}"
    headers = CIMultiDict({"Location": location, "Accept-Patch": FRAGMENT})
    headers["ETag"] = answered.headers.get("ETag", "")
    for link in ice_links(request, request[PRINCIPAL]):
        headers.add("Link", link)
    return web.Response(status=201, body=answered.body, content_type=SDP, headers=headers)


@ROUTES.post(
    "/cameras/{camera_id}/announcement",
    needs=SPEAK,
    summary="Let an announcement sound through a camera; noted in the register, with its words.",
    body=Announcing,
    answers={201: Announced},
    problems=REFUSED,
)
async def announce(request: web.Request) -> web.Response:
    camera, body = await _camera(request), await read_body(request, Announcing)
    said = await request.config_dict[keys.ACCESS].announcement_for(
        person_of(request), AnnouncementId(body.announcement_id), SPEAK, camera=camera
    )
    talk = _talk(request, camera, body.motive, said=said)
    process = await request.config_dict[MEDIA].of_camera(camera)
    await _begin(request, talk, said, process.holder)
    sounding = request.config_dict[LOUDSPEAKERS].announce(process, camera, talk.id, said.id)
    seconds = await _or_end(request, talk, process.holder, sounding)
    return answer(Announced(talk_id=talk.id, seconds=seconds), status=201)


@ROUTES.patch(
    "/talks/{talk_id}",
    needs=SPEAK,
    summary="Add ICE candidates to a talk of mine (trickle ICE, RFC 8840).",
    body=FRAGMENT,
    answers={204: None},
    problems=("stale-session", "session-not-found", "bad-session-description"),
)
async def trickle_talk(request: web.Request) -> web.Response:
    found, media = await _own(request), request.config_dict[MEDIA]
    fragment = await read_sdp(request, FRAGMENT)
    process = await media.by_holder(found.holder)
    await media.trickle(process, found.talk.id, fragment, request.headers.get("If-Match"))
    return web.Response(status=204)


@ROUTES.delete(
    "/talks/{talk_id}",
    needs=SPEAK,
    summary="Stop speaking, or the announcement.",
    answers={200: None},
)
async def stop_talking(request: web.Request) -> web.Response:
    found = await _own(request)
    try:
        # The media process tells for how long it sounded.
        await request.config_dict[LOUDSPEAKERS].end(found.holder, found.talk.id)
    except NotFound:  # the process is gone
        await _over(request, found.talk, sounded=None)
    return web.Response(status=200)


@ROUTES.get(
    "/announcements",
    needs=SPEAK,
    summary="The announcements that may sound, with what they say.",
    query=ByCommune,
    answers={200: TypeAdapter(list[AnnouncementAnswer])},
)
async def list_announcements(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), SPEAK, wanted)
    found = await request.config_dict[keys.ANNOUNCEMENTS].list(communes)
    return answers(_answer(one) for one in found)


@ROUTES.post(
    "/announcements",
    needs=KEEP,
    summary="Keep an announcement: a sound file of a minute at most, and its words.",
    query=NewAnnouncement,
    body=SOUND,
    answers={201: AnnouncementAnswer},
    problems=("bad-announcement", "too-many-announcements"),
)
async def add_announcement(request: web.Request) -> web.Response:
    said, principal = read_query(request, NewAnnouncement), person_of(request)
    commune_id = CommuneId(said.commune)
    await request.config_dict[keys.ACCESS].commune_for(principal, commune_id, KEEP)
    if request.content_type != SOUND:
        raise WrongMediaType(SOUND)
    uploaded = await read_bytes(request, limit=LARGEST_SOUND)
    kept, lasts = await request.config_dict[LOUDSPEAKERS].take_in(uploaded)
    one = Announcement(
        id=AnnouncementId(uuid4()),
        commune_id=commune_id,
        name=said.name,
        text=said.text,
        lasts=lasts,
    )
    await request.config_dict[keys.ANNOUNCEMENTS].add(
        one, kept, actor=principal.actor, at=keys.now(request)
    )
    return answer(_answer(one), status=201)


@ROUTES.get(
    "/announcements/{announcement_id}/audio",
    needs=SPEAK,
    summary="An announcement's sound, to be heard at a desk.",
    answers={200: "audio/wav"},
)
async def hear_announcement(request: web.Request) -> web.Response:
    one = await _announcement(request, SPEAK)
    kept = await request.config_dict[keys.ANNOUNCEMENTS].audio(one.id)
    headers = {"Cache-Control": "private, max-age=3600"}
    return web.Response(body=kept, content_type="audio/wav", headers=headers)


@ROUTES.delete(
    "/announcements/{announcement_id}",
    needs=KEEP,
    summary="Withdraw an announcement: it sounds no more, and stays for the register.",
    answers={204: None},
)
async def withdraw_announcement(request: web.Request) -> web.Response:
    one = await _announcement(request, KEEP)
    await request.config_dict[keys.ANNOUNCEMENTS].retire(
        one, actor=person_of(request).actor, at=keys.now(request)
    )
    return web.Response(status=204)


def _answer(one: Announcement) -> AnnouncementAnswer:
    return AnnouncementAnswer(
        id=one.id,
        commune_id=one.commune_id,
        name=one.name,
        text=one.text,
        seconds=one.lasts / timedelta(seconds=1),
    )


async def _camera(request: web.Request) -> Camera:
    camera_id = id_in(request, "camera_id", CameraId)
    return await request.config_dict[keys.ACCESS].camera_for(person_of(request), camera_id, SPEAK)


async def _announcement(request: web.Request, permission: Permission) -> Announcement:
    announcement_id = id_in(request, "announcement_id", AnnouncementId)
    return await request.config_dict[keys.ACCESS].announcement_for(
        person_of(request), announcement_id, permission
    )


async def _own(request: web.Request) -> OpenTalk:
    talk_id = id_in(request, "talk_id", TalkId)
    return await request.config_dict[keys.ACCESS].talk_for(person_of(request), talk_id)


def _talk(
    request: web.Request, camera: Camera, motive: str, *, said: Announcement | None = None
) -> Talk:
    return Talk(
        id=TalkId(uuid4()),
        camera_id=camera.id,
        commune_id=camera.commune_id,
        person_id=person_of(request).person.id,
        motive=motive,
        started_at=keys.now(request),
        announcement_id=said.id if said is not None else None,
    )


async def _begin(request: web.Request, talk: Talk, said: Announcement | None, holder: str) -> None:
    principal: PersonPrincipal = person_of(request)
    await request.config_dict[keys.TALKS].begin(
        talk,
        announcement=said,
        holder=holder,
        session_id=principal.session_id,
        actor=principal.actor,
    )


async def _or_end[T](request: web.Request, talk: Talk, holder: str, beginning: Awaitable[T]) -> T:
    """What has not begun is over: here, and at the media process, which may have begun it late.

    So is what somebody began whose right ended meanwhile.
    """
    try:
        begun = await beginning
        await request.config_dict[keys.ACCESS].camera_for(
            await ask_again(request), talk.camera_id, SPEAK
        )
        return begun
    except DomainError:
        tells = False
        with suppress(DomainError):
            tells = await request.config_dict[LOUDSPEAKERS].end(holder, talk.id)
        if not tells:
            await _over(request, talk, sounded=timedelta(0))
        raise


async def _over(request: web.Request, talk: Talk, *, sounded: timedelta | None) -> None:
    actor, at = request[PRINCIPAL].actor, keys.now(request)
    await request.config_dict[keys.TALKS].end(talk.id, sounded=sounded, actor=actor, at=at)
