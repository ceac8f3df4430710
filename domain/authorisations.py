"""Authorisations: the recorded legal basis without which no picture is analysed.

In France nothing allows a town to analyse its cameras' pictures as a matter of course (Conseil
d'Etat, 30 January 2026, no. 506370), and software used without a stated purpose was annulled
(tribunal of Grenoble, 24 January 2025, no. 2105328). So the law is data here: who allows what,
where, why and until when; and outside of that nothing is looked at.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.cameras import PlaceKind
from domain.errors import Conflict, Forbidden, Invalid
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, CommuneId, PersonId, SensorId
from domain.profiles import PROFILES, SENTENCES, LegalProfile, Missing, Profile

MOST_GIVEN, MOST_NAMED = 1000, 20
"""Of acts that would end, in one refusal: by their ids, and by their references."""


class AuthorisationRefused(Invalid):
    """What was to be recorded does not allow what it claims to; ``missing`` says why, all of it."""

    code: ClassVar[str] = "authorisation-refused"
    title: ClassVar[str] = "This authorisation can't be recorded"

    def __init__(self, missing: Iterable[Missing]) -> None:
        self.missing = tuple(missing)
        super().__init__(" ".join(SENTENCES[one] for one in self.missing))


class ActsWouldEnd(Conflict):
    """A commune's new profile refuses acts that are not over: whoever changes it says which.

    ``acts``: the first of them, of ``count``; ``ending`` stands for exactly all of them.
    """

    code: ClassVar[str] = "acts-would-end"
    title: ClassVar[str] = "Acts rest on what this profile refuses"

    def __init__(self, acts: Iterable["Authorisation"]) -> None:
        refused = tuple(acts)
        self.acts = tuple(one.id for one in refused[:MOST_GIVEN])
        self.count = len(refused)
        self.ending = sum_of(refused)
        named = [one.act_reference or one.purpose for one in refused[:MOST_NAMED]]
        if self.count > len(named):
            named.append(f"{self.count - len(named)} others")
        super().__init__(
            f"these would end now: {', '.join(named)}" if named else "none would end any more"
        )


class NotAuthorised(Forbidden):
    """What was to be looked at is covered by no act in force; the text says what."""

    code: ClassVar[str] = "not-authorised"
    title: ClassVar[str] = "No authorisation in force covers this"


class InvalidHours(Invalid):
    """Daily hours that name no hour, or no time zone that exists."""

    code: ClassVar[str] = "invalid-hours"
    title: ClassVar[str] = "These daily hours can't be used"


@dataclass(frozen=True, slots=True)
class DailyHours:
    """From ``starts`` (included) to ``ends`` (excluded), local; over midnight if it ends first.

    Raises ``InvalidHours`` when both are equal, or when ``time_zone`` is not an IANA name.
    """

    starts: time
    ends: time
    time_zone: str = "Europe/Paris"

    def __post_init__(self) -> None:
        if self.starts == self.ends:
            raise InvalidHours("The first and the last hour are the same.")
        if self.starts.tzinfo or self.ends.tzinfo:
            raise InvalidHours("Daily hours are local: they carry no offset.")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InvalidHours(f"There is no time zone {self.time_zone!r}.") from error

    def hold(self, at: datetime) -> bool:
        """Tell whether ``at`` falls in these hours where the camera is."""
        local = at.astimezone(ZoneInfo(self.time_zone)).time()
        if self.starts < self.ends:
            return self.starts <= local < self.ends
        return local >= self.starts or local < self.ends

    def turns(self, since: datetime, until: datetime) -> set[datetime]:
        """Give the moments at which they begin or end, some days around ``since``..``until`` too.

        The night in which clocks are set back has an hour twice: of that, both.
        """
        zone = ZoneInfo(self.time_zone)
        first, last = (at.astimezone(zone).date() for at in (since, until))
        return {
            datetime.combine(first + timedelta(days=day), turn.replace(fold=fold), zone).astimezone(
                UTC
            )
            for day in range((last - first).days + 1)
            for turn in (self.starts, self.ends)
            for fold in (0, 1)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """One act, as recorded: which cameras may be analysed, for which kinds of event, until when.

    It covers from ``starts_at`` (included) to ``ends_at`` (excluded), within ``hours`` if there are
    any, until it is revoked. ``assessment``: the reference of its data-protection impact
    assessment, where the profile asks for one. An act that breaks its profile can't be made:
    ``AuthorisationRefused``.
    """

    id: AuthorisationId
    commune_id: CommuneId
    profile: Profile
    law: str
    act_reference: str
    act_date: date | None
    authority: str
    purpose: str
    place: str
    kinds: frozenset[EventKind]
    camera_ids: frozenset[CameraId]
    starts_at: datetime
    ends_at: datetime
    hours: DailyHours | None = None
    sensor_ids: frozenset[SensorId] = frozenset()
    recorded_at: datetime
    recorded_by: PersonId | None
    revoked_at: datetime | None = None
    assessment: str = ""

    def __post_init__(self) -> None:
        if missing := self._missing():
            raise AuthorisationRefused(missing)

    @property
    def rules(self) -> LegalProfile:
        """What its profile asks of it."""
        return PROFILES[self.profile]

    @property
    def is_fictional(self) -> bool:
        """Tell whether it is for a demonstration only; whoever shows it marks it FICTIF."""
        return self.rules.is_fictional

    @property
    def over_at(self) -> datetime:
        """From when on it covers nothing any more."""
        return min(self.ends_at, self.revoked_at or self.ends_at)

    def is_for(self, place_kind: PlaceKind, *, is_demonstration: bool) -> bool:
        """Tell whether it counts for what is at such a place, and is for demonstration or is not.

        Asked at each use: a row of the database may say otherwise, or the place has been opened.
        """
        if self.is_fictional and not is_demonstration:
            return False
        return place_kind in self.rules.place_kinds

    def is_of(self, profile: Profile) -> bool:
        """Tell whether a commune under ``profile`` may have such an act."""
        return self.profile in PROFILES[profile].acts

    def check_commune(self, profile: Profile) -> None:
        """Raise ``AuthorisationRefused`` where no act of a commune under ``profile`` is like it."""
        if not self.is_of(profile):
            raise AuthorisationRefused([Missing.NOT_OF_COMMUNE])

    def check_cameras(self, *, demonstration: Set[CameraId], closed: Set[CameraId]) -> None:
        """Raise ``AuthorisationRefused`` if it names a camera that its profile is not for.

        ``demonstration``, ``closed``: of the cameras it names, those that are for demonstration,
        and those of places closed to the public.
        """
        missing = []
        if self.is_fictional and not self.camera_ids <= demonstration:
            missing.append(Missing.REAL_CAMERA)
        if PlaceKind.PUBLIC_ROAD not in self.rules.place_kinds and not self.camera_ids <= closed:
            missing.append(Missing.OPEN_PLACE)
        if missing:
            raise AuthorisationRefused(missing)

    def check_sensors(self, *, demonstration: Set[SensorId]) -> None:
        """The same for sensors, which are taken to stand where the public comes."""
        missing = []
        if self.is_fictional and not self.sensor_ids <= demonstration:
            missing.append(Missing.REAL_CAMERA)
        if PlaceKind.PUBLIC_ROAD not in self.rules.place_kinds and self.sensor_ids:
            missing.append(Missing.OPEN_PLACE)
        if missing:
            raise AuthorisationRefused(missing)

    def covers(self, camera: CameraId, kind: EventKind, at: datetime) -> bool:
        """Tell whether ``kind`` may be looked for in what ``camera`` shows ``at`` that moment."""
        return camera in self.camera_ids and self._allows(kind, at)

    def covers_sensor(self, sensor: SensorId, kind: EventKind, at: datetime) -> bool:
        """Tell whether ``sensor`` may report ``kind`` ``at`` that moment."""
        return sensor in self.sensor_ids and self._allows(kind, at)

    def _allows(self, kind: EventKind, at: datetime) -> bool:
        return (
            kind in self.kinds
            and self.starts_at <= at < self.ends_at
            and (self.revoked_at is None or at < self.revoked_at)
            and (self.hours is None or self.hours.hold(at))
        )

    def revoke(self, *, at: datetime) -> Self:
        """End it at once; revoking twice keeps the first time."""
        return self if self.revoked_at is not None else replace(self, revoked_at=at)

    def _missing(self) -> list[Missing]:
        missing = [
            what
            for what, given in (
                (Missing.PURPOSE, self.purpose.strip()),
                (Missing.CAMERAS, self.camera_ids | self.sensor_ids),
                (Missing.KINDS, self.kinds),
            )
            if not given
        ]
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            missing.append(Missing.TIME_ZONE)
        elif self.ends_at <= self.starts_at:
            missing.append(Missing.END)
        said = {
            Missing.LAW: self.law.strip(),
            Missing.ACT: self.act_reference.strip(),
            Missing.ACT_DATE: self.act_date,
            Missing.AUTHORITY: self.authority.strip(),
            Missing.PLACE: self.place.strip(),
            Missing.ASSESSMENT: self.assessment.strip(),
        }
        missing += [what for what in self.rules.states if not said[what]]
        # The day in UTC may be the eve of the day in France; nobody signs within that hour.
        dated = self.act_date if Missing.ACT_DATE in self.rules.states else None
        if dated and dated > (self.starts_at + timedelta(days=1)).date():
            missing.append(Missing.ACT_LATER)
        # Kinds are of what is looked for in pictures: an act of sensors alone rests on its own law.
        if self.camera_ids and not self.kinds <= self.rules.kinds:
            missing.append(self.rules.refuses)
        return missing


def sum_of(acts: Iterable[Authorisation]) -> str:
    """Give what stands for exactly these acts, whatever their number; empty for none."""
    ids = sorted(str(act.id) for act in acts)
    return sha256(",".join(ids).encode()).hexdigest() if ids else ""


def authorisation_for(
    authorisations: Iterable[Authorisation],
    *,
    camera: CameraId,
    kind: EventKind,
    at: datetime,
    is_demonstration: bool,
    place_kind: PlaceKind = PlaceKind.PUBLIC_ROAD,
) -> Authorisation | None:
    """Give the authorisation that allows looking for ``kind`` on ``camera`` ``at`` that moment.

    This is the gate of law: None means that not one frame may be looked at. A fictional act counts
    for demonstration cameras alone, and one for closed sites where the public does not come.
    """
    for authorisation in authorisations:
        counts = authorisation.is_for(place_kind, is_demonstration=is_demonstration)
        if counts and authorisation.covers(camera, kind, at):
            return authorisation
    return None


def acts_for(
    authorisations: Iterable[Authorisation],
    kinds: Iterable[EventKind],
    *,
    camera: CameraId,
    at: datetime,
    is_demonstration: bool,
    place_kind: PlaceKind,
) -> dict[EventKind, Authorisation]:
    """Give those of ``kinds`` that may be looked for ``at`` that moment, each with an act."""
    recorded = [*authorisations]
    found = {
        kind: authorisation_for(
            recorded,
            camera=camera,
            kind=kind,
            at=at,
            is_demonstration=is_demonstration,
            place_kind=place_kind,
        )
        for kind in kinds
    }
    return {kind: act for kind, act in found.items() if act is not None}
