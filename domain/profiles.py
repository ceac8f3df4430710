"""Profiles: what an act of authorisation must state, by the law that it rests on. Data, dated.

France is where an installation starts. What is in no profile, and can't be allowed by any, is
searching for people by appearance, faces, plates, and knowing anybody again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.cameras import PlaceKind
from domain.events import ANOTHER_BASIS, DECREE_2023_828, EventKind


class Profile(StrEnum):
    """The set of rules that an authorisation obeys."""

    FRANCE = "france"
    CLOSED_SITE = "closed-site"
    DEMONSTRATION = "demonstration"


class Missing(StrEnum):
    """What an authorisation lacks, or states that its profile refuses."""

    LAW = "law-missing"
    ACT = "act-missing"
    ACT_DATE = "act-date-missing"
    AUTHORITY = "authority-missing"
    ASSESSMENT = "assessment-missing"
    PURPOSE = "purpose-missing"
    PLACE = "place-missing"
    CAMERAS = "cameras-missing"
    KINDS = "kinds-missing"
    END = "end-not-after-start"
    TIME_ZONE = "time-without-zone"
    ACT_LATER = "act-after-start"
    KIND_REFUSED = "kind-not-in-decree"
    KIND_UNWATCHED = "kind-not-watched"
    REAL_CAMERA = "demonstration-on-real-camera"
    OPEN_PLACE = "camera-not-of-closed-site"
    NOT_OF_COMMUNE = "profile-not-of-commune"


SENTENCES = {
    Missing.LAW: "Name the law that allows it: a town's own decision is not enough.",
    Missing.ACT: "Give the reference of the act (order, decision) it rests on.",
    Missing.ACT_DATE: "Give the date of the act.",
    Missing.AUTHORITY: "Name the authority that signed the act.",
    Missing.ASSESSMENT: "Give the reference of the data-protection impact assessment.",
    Missing.PURPOSE: "State the purpose.",
    Missing.PLACE: "Name the place.",
    Missing.CAMERAS: "Choose at least one camera or sensor.",
    Missing.KINDS: "Choose at least one kind of event.",
    Missing.END: "The end must come after the start.",
    Missing.TIME_ZONE: "Dates need a time zone.",
    Missing.ACT_LATER: "The act is dated after the start it allows.",
    Missing.KIND_REFUSED: "On cameras, only the eight kinds of decree 2023-828 can be authorised.",
    Missing.KIND_UNWATCHED: "One of these kinds is reported by people alone.",
    Missing.REAL_CAMERA: "A demonstration authorisation can't cover a real camera or sensor.",
    Missing.OPEN_PLACE: "This basis covers cameras of places closed to the public alone.",
    Missing.NOT_OF_COMMUNE: "No act of this commune can rest on this profile.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalProfile:
    """One profile, as it was on its date.

    ``basis``: what allows it, in a sentence. ``states``: what an act must state beside purpose,
    cameras, kinds and dates. A kind outside of ``kinds`` is refused as ``refuses`` says.
    ``acts``: what acts may rest on in a commune under this profile; if none, no commune is under it
    and it is chosen for an act alone.
    """

    name: Profile
    version: int
    dated: date
    basis: str
    states: tuple[Missing, ...]
    kinds: frozenset[EventKind]
    refuses: Missing
    place_kinds: frozenset[PlaceKind]
    acts: frozenset[Profile]
    is_fictional: bool = False


_ACT = (Missing.LAW, Missing.ACT, Missing.ACT_DATE, Missing.AUTHORITY, Missing.PLACE)

PROFILES: Mapping[Profile, LegalProfile] = {
    one.name: one
    for one in (
        LegalProfile(
            name=Profile.FRANCE,
            version=1,
            dated=date(2026, 11, 21),
            basis="A law for cameras on public roads that allows the eight kinds of decree "
            "2023-828, and a dated act under it.",
            states=_ACT,
            kinds=DECREE_2023_828,
            refuses=Missing.KIND_REFUSED,
            place_kinds=frozenset(PlaceKind),
            acts=frozenset({Profile.FRANCE, Profile.CLOSED_SITE}),
        ),
        LegalProfile(
            name=Profile.CLOSED_SITE,
            version=1,
            dated=date(2026, 11, 29),
            basis="Data-protection law (regulation 2016/679, act 78-17), for places closed to the "
            "public, outside the Code de la sécurité intérieure: the controller's own decision, "
            "with its legal basis and an impact assessment. Not studied: for counsel to check.",
            states=(*_ACT, Missing.ASSESSMENT),
            kinds=DECREE_2023_828 | ANOTHER_BASIS,
            refuses=Missing.KIND_UNWATCHED,
            place_kinds=frozenset({PlaceKind.CLOSED_TO_PUBLIC}),
            acts=frozenset(),
        ),
        LegalProfile(
            name=Profile.DEMONSTRATION,
            version=1,
            dated=date(2026, 11, 21),
            basis="None: for demonstration cameras alone.",
            states=(),
            kinds=frozenset(EventKind),
            refuses=Missing.KIND_UNWATCHED,
            place_kinds=frozenset(PlaceKind),
            acts=frozenset({Profile.DEMONSTRATION}),
            is_fictional=True,
        ),
    )
}
