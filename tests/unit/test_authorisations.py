"""The gate of law: what an authorisation must state, and when it covers a camera."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authorisations import (
    Authorisation,
    AuthorisationRefused,
    DailyHours,
    InvalidHours,
    authorisation_for,
)
from domain.cameras import PlaceKind
from domain.events import ANOTHER_BASIS, DECREE_2023_828, EventKind
from domain.identifiers import AuthorisationId, CameraId, CommuneId, PersonId
from domain.profiles import PROFILES, Missing, Profile
from domain.rules import TYPES, LegalList

QUAY, SQUARE = CameraId(UUID(int=1)), CameraId(UUID(int=2))
STARTS = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
ENDS = datetime(2026, 12, 24, 18, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

EVENING = Authorisation(
    id=AuthorisationId(UUID(int=10)),
    commune_id=CommuneId(UUID(int=11)),
    profile=Profile.FRANCE,
    law="Loi no 2023-380, article 10",
    act_reference="Arrêté 2026-117",
    act_date=date(2026, 11, 20),
    authority="Préfecture",
    purpose="Sécurité du marché de Noël",
    place="Place du marché",
    kinds=frozenset({EventKind.FORBIDDEN_ZONE}),
    camera_ids=frozenset({QUAY}),
    starts_at=STARTS,
    ends_at=ENDS,
    recorded_at=STARTS - timedelta(days=3),
    recorded_by=PersonId(UUID(int=12)),
)
times = st.timedeltas(timedelta(days=-30), timedelta(days=60)).map(lambda since: STARTS + since)


def covers(authorisation: Authorisation, at: datetime, camera: CameraId = QUAY) -> bool:
    return authorisation.covers(camera, EventKind.FORBIDDEN_ZONE, at)


def test_it_covers_from_its_first_second_to_the_one_before_its_end() -> None:
    assert not covers(EVENING, STARTS - SECOND)
    assert covers(EVENING, STARTS)
    assert covers(EVENING, ENDS - SECOND)
    assert not covers(EVENING, ENDS)


def test_it_covers_only_the_cameras_and_kinds_it_names() -> None:
    assert not covers(EVENING, STARTS, camera=SQUARE)
    assert not EVENING.covers(QUAY, EventKind.WEAPON, STARTS)


def test_revoked_it_covers_nothing_from_that_second_on() -> None:
    at = STARTS + timedelta(days=1)
    revoked = EVENING.revoke(at=at)

    assert covers(revoked, at - SECOND)
    assert not covers(revoked, at)
    assert revoked.revoke(at=at + SECOND) == revoked


@given(
    at=times,
    starts=times,
    length=st.timedeltas(SECOND, timedelta(days=30)),
    revoked=st.none() | times,
    hours=st.none()
    | st.builds(DailyHours, st.just(time(22)), st.sampled_from([time(6), time(23, 30)])),
)
def test_it_never_covers_outside_its_window(
    at: datetime,
    starts: datetime,
    length: timedelta,
    revoked: datetime | None,
    hours: DailyHours | None,
) -> None:
    authorisation = replace(
        EVENING,
        act_date=starts.date(),
        starts_at=starts,
        ends_at=starts + length,
        revoked_at=revoked,
        hours=hours,
    )

    found = authorisation_for(
        [authorisation],
        camera=QUAY,
        kind=EventKind.FORBIDDEN_ZONE,
        at=at,
        is_demonstration=False,
    )

    in_window = starts <= at < starts + length and (revoked is None or at < revoked)
    assert (found is not None) == (in_window and (hours is None or hours.hold(at)))


def test_hours_over_midnight_are_those_of_the_place() -> None:
    night = DailyHours(time(22), time(6))

    assert night.hold(datetime(2026, 12, 1, 21, 0, tzinfo=UTC))  # 22:00 in Paris
    assert night.hold(datetime(2026, 12, 2, 4, 59, 59, tzinfo=UTC))
    assert not night.hold(datetime(2026, 12, 2, 5, 0, tzinfo=UTC))
    assert not night.hold(datetime(2026, 12, 1, 20, 59, 59, tzinfo=UTC))


def test_hours_of_one_day_end_before_their_last_minute() -> None:
    market = DailyHours(time(8), time(13))

    assert market.hold(datetime(2026, 7, 1, 6, 0, tzinfo=UTC))  # 8:00 in Paris, in summer
    assert not market.hold(datetime(2026, 7, 1, 11, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("starts", "ends", "zone"),
    [
        (time(8), time(8), "Europe/Paris"),
        (time(8, tzinfo=UTC), time(9), "Europe/Paris"),
        (time(8), time(9), "Europe/Nowhere"),
        (time(8), time(9), "../etc/passwd"),
        (time(8), time(9), "Europe"),  # a folder of time zones
        (time(8), time(9), "x" * 300),
        (time(8), time(9), ""),
    ],
)
def test_hours_without_meaning_are_refused(starts: time, ends: time, zone: str) -> None:
    with pytest.raises(InvalidHours):
        DailyHours(starts, ends, zone)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"law": " "}, Missing.LAW),
        ({"act_reference": ""}, Missing.ACT),
        ({"act_date": None}, Missing.ACT_DATE),
        ({"act_date": date(2026, 12, 3)}, Missing.ACT_LATER),
        ({"authority": ""}, Missing.AUTHORITY),
        ({"purpose": ""}, Missing.PURPOSE),
        ({"place": ""}, Missing.PLACE),
        ({"camera_ids": frozenset()}, Missing.CAMERAS),
        ({"kinds": frozenset()}, Missing.KINDS),
        ({"ends_at": STARTS}, Missing.END),
        ({"ends_at": datetime(2026, 12, 24)}, Missing.TIME_ZONE),  # noqa: DTZ001 - the fault tested
        ({"kinds": frozenset({EventKind.NUISANCE})}, Missing.KIND_REFUSED),
    ],
)
def test_the_french_profile_refuses_what_does_not_state_its_basis(
    change: dict[str, Any], missing: Missing
) -> None:
    with pytest.raises(AuthorisationRefused) as refused:
        replace(EVENING, **change)

    assert refused.value.missing == (missing,)


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(AuthorisationRefused) as refused:
        replace(EVENING, law="", purpose="", kinds=frozenset())

    assert set(refused.value.missing) == {Missing.LAW, Missing.PURPOSE, Missing.KINDS}
    assert "purpose" in str(refused.value)


def test_the_french_profile_knows_the_eight_kinds_of_the_decree_and_no_other() -> None:
    for kind in DECREE_2023_828:
        replace(EVENING, kinds=frozenset({kind}))
    for kind in set(EventKind) - DECREE_2023_828:
        with pytest.raises(AuthorisationRefused):
            replace(EVENING, kinds=frozenset({kind}))
    assert len(DECREE_2023_828) == 8


def test_a_fictional_act_is_refused_for_a_real_camera() -> None:
    fictional = replace(EVENING, profile=Profile.DEMONSTRATION, law="", act_date=None)

    fictional.check_cameras(demonstration={QUAY, SQUARE}, closed=set())
    assert fictional.is_fictional
    with pytest.raises(AuthorisationRefused) as refused:
        fictional.check_cameras(demonstration={SQUARE}, closed={QUAY})
    assert refused.value.missing == (Missing.REAL_CAMERA,)


def test_a_fictional_act_opens_the_gate_for_demonstration_cameras_alone() -> None:
    fictional = replace(EVENING, profile=Profile.DEMONSTRATION)

    def found(is_demonstration: bool) -> Authorisation | None:
        return authorisation_for(
            [fictional],
            camera=QUAY,
            kind=EventKind.FORBIDDEN_ZONE,
            at=STARTS,
            is_demonstration=is_demonstration,
        )

    assert found(is_demonstration=True) is fictional
    assert found(is_demonstration=False) is None


DEPOT = replace(
    EVENING,
    profile=Profile.CLOSED_SITE,
    law="Règlement 2016/679, article 6, paragraphe 1, e",
    act_reference="Décision 2026-31",
    authority="Le maire, responsable de traitement",
    place="Dépôt des services techniques",
    assessment="AIPD 2026-4",
    kinds=DECREE_2023_828 | ANOTHER_BASIS,
)


def test_another_basis_allows_more_kinds_of_places_closed_to_the_public_alone() -> None:
    DEPOT.check_cameras(demonstration=set(), closed={QUAY})

    with pytest.raises(AuthorisationRefused) as refused:
        DEPOT.check_cameras(demonstration={QUAY}, closed={SQUARE})
    assert refused.value.missing == (Missing.OPEN_PLACE,)

    def found(place_kind: PlaceKind) -> Authorisation | None:
        return authorisation_for(
            [DEPOT],
            camera=QUAY,
            kind=EventKind.DUMPING,
            at=STARTS,
            is_demonstration=True,
            place_kind=place_kind,
        )

    assert found(PlaceKind.CLOSED_TO_PUBLIC) is DEPOT
    assert found(PlaceKind.PUBLIC_ROAD) is None


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"assessment": " "}, Missing.ASSESSMENT),
        ({"law": ""}, Missing.LAW),
        ({"authority": ""}, Missing.AUTHORITY),
        ({"kinds": frozenset({EventKind.FIGHT})}, Missing.KIND_UNWATCHED),
    ],
)
def test_another_basis_is_stated_in_full(change: dict[str, Any], missing: Missing) -> None:
    with pytest.raises(AuthorisationRefused) as refused:
        replace(DEPOT, **change)
    assert refused.value.missing == (missing,)


def test_each_profile_is_dated_and_every_kind_with_a_rule_has_a_basis_somewhere() -> None:
    assert PROFILES.keys() == set(Profile)
    for kind, declared in TYPES.items():
        assert (kind in DECREE_2023_828) == (declared.legal_list is LegalList.DECREE_2023_828)
        assert kind in PROFILES[Profile.CLOSED_SITE].kinds
