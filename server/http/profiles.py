"""Profiles: what each asks of an act, and which of them a commune is and was under."""

from datetime import date
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.cameras import PlaceKind
from domain.errors import Forbidden
from domain.events import EventKind
from domain.identifiers import CommuneId
from domain.people import Permission
from domain.profiles import PROFILES, LegalProfile, Missing, Profile
from mobile_api.bodies import Body, Line, read_body
from mobile_api.description import Needs, Routes
from server.http import keys
from server.http.communes import DEMONSTRATIONS_ARE_APART, CommuneAnswer, OfCommunes
from server.http.principal import person_of
from server.http.schemas import Answer, At, answer, answers, id_in

ROUTES = Routes("communes")

type Stated = Literal["law", "act_reference", "act_date", "authority", "place", "assessment"]

#: What of an authorisation a profile may ask for, as it is called there.
FIELDS: dict[Missing, Stated] = {
    Missing.LAW: "law",
    Missing.ACT: "act_reference",
    Missing.ACT_DATE: "act_date",
    Missing.AUTHORITY: "authority",
    Missing.PLACE: "place",
    Missing.ASSESSMENT: "assessment",
}


class ProfileAnswer(Answer):
    """``states``: what an act under it must state beside purpose, cameras, kinds and dates.

    ``kinds``: what an act may name of cameras of ``place_kinds``; one that names sensors alone may
    name others. ``acts``: what acts may rest on in a commune under it. ``chosen_for_commune``: the
    right by which a commune is put under it, null where none that is there can be;
    ``chosen_for_act``: that by which an act is recorded under it.
    """

    name: Profile
    version: int
    dated: date
    basis: str
    states: list[Stated]
    kinds: list[EventKind]
    place_kinds: list[PlaceKind]
    is_fictional: bool
    acts: list[Profile]
    chosen_for_commune: Permission | None
    chosen_for_act: Permission


class NewProfile(Body):
    """``ending``: what the problem ``acts-would-end`` gives for the acts that it refuses."""

    profile: OfCommunes
    reason: Annotated[Line, Field(min_length=3)]
    ending: Annotated[str, Field(max_length=64)] = ""


class ProfileSinceAnswer(Answer):
    """Under which profile a commune was from ``since`` on; the first has no reason."""

    profile: Profile
    since: At
    reason: str


@ROUTES.get(
    "/profiles",
    needs=Needs.SESSION,
    summary="The legal profiles that there are: what each asks of an act, and who chooses it.",
    answers={200: TypeAdapter(list[ProfileAnswer])},
)
async def list_profiles(request: web.Request) -> web.Response:
    return answers(_shown(one) for one in PROFILES.values())


@ROUTES.get(
    "/communes/{commune_id}/profile",
    needs=Permission.READ_SETUP,
    summary="The profiles that a commune is and was under, since when and why, the newest first.",
    answers={200: TypeAdapter(list[ProfileSinceAnswer])},
)
async def list_profiles_of_commune(request: web.Request) -> web.Response:
    commune = await request.config_dict[keys.ACCESS].commune_for(
        person_of(request), id_in(request, "commune_id", CommuneId), Permission.READ_SETUP
    )
    found = await request.config_dict[keys.COMMUNES].profiles(commune.id)
    return answers(ProfileSinceAnswer.model_validate(one) for one in found)


@ROUTES.put(
    "/communes/{commune_id}/profile",
    needs=Permission.MANAGE_COMMUNE,
    summary="Put a commune under another profile now; acts that it refuses are named, and end.",
    body=NewProfile,
    answers={200: CommuneAnswer},
    problems=("acts-would-end",),
)
async def change_profile(request: web.Request) -> web.Response:
    principal = person_of(request)
    commune = await request.config_dict[keys.ACCESS].commune_for(
        principal, id_in(request, "commune_id", CommuneId), Permission.MANAGE_COMMUNE
    )
    body = await read_body(request, NewProfile)
    if body.profile is Profile.DEMONSTRATION and commune.profile != body.profile:
        # Its sensors and cameras are real: a fictional act would cover them.
        raise Forbidden(DEMONSTRATIONS_ARE_APART)
    changed = await request.config_dict[keys.COMMUNES].change_profile(
        commune.id,
        body.profile,
        reason=body.reason,
        ending=body.ending,
        actor=principal.actor,
        at=keys.now(request),
    )
    return answer(CommuneAnswer.model_validate(changed))


def _shown(one: LegalProfile) -> ProfileAnswer:
    return ProfileAnswer(
        name=one.name,
        version=one.version,
        dated=one.dated,
        basis=one.basis,
        states=[FIELDS[what] for what in one.states],
        kinds=[kind for kind in EventKind if kind in one.kinds],
        place_kinds=sorted(one.place_kinds),
        is_fictional=one.is_fictional,
        acts=sorted(one.acts),
        chosen_for_commune=(
            Permission.MANAGE_COMMUNE if one.acts and not one.is_fictional else None
        ),
        chosen_for_act=Permission.RECORD_AUTHORISATIONS,
    )
