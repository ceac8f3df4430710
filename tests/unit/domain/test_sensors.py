"""A sensor's reports pass the gate of law: its kinds, an act that names it, and what listens."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.authorisations import Authorisation, AuthorisationRefused
from domain.events import DECREE_2023_828, EventKind
from domain.identifiers import SensorId
from domain.positions import Point
from domain.profiles import Missing, Profile
from domain.sensors import REPORTABLE, BadSensor, KindNotAllowed, Sensor, SensorSort
from tests.unit.test_authorisations import ENDS, EVENING, QUAY, STARTS

BIN = SensorId(UUID(int=50))
FULL, DUMPED, FIRE = EventKind.OVERFULL_BIN, EventKind.DUMPING, EventKind.FIRE
SENSOR = Sensor(
    id=BIN,
    commune_id=EVENING.commune_id,
    name="Corbeille 12",
    sort=SensorSort.BIN,
    maker="",
    kinds=frozenset({FULL, FIRE}),
    point=Point(2.0, 48.0),
    place="quai Nord",
    created_at=STARTS,
)
#: Cleanliness rests on another law than the decree on pictures.
ACT = replace(
    EVENING,
    law="CGCT, art. L2212-2",
    camera_ids=frozenset(),
    sensor_ids=frozenset({BIN}),
    kinds=frozenset({FULL, DUMPED}),
)
SECOND = timedelta(seconds=1)


def act_for(
    kind: EventKind = FULL,
    *acts: Authorisation,
    sensor: Sensor = SENSOR,
    demonstrates: bool = False,
    **said: object,
) -> Authorisation:
    given = {"at": STARTS, **said}
    return sensor.act_for(kind, acts or (ACT,), is_demonstration=demonstrates, **given)  # type: ignore[arg-type]  # test data by name


def test_a_kind_that_an_act_in_force_covers_is_taken_under_it() -> None:
    assert act_for() is ACT
    assert act_for(FULL, ACT, at=ENDS - SECOND) is ACT


@pytest.mark.parametrize(
    "refused",
    [
        lambda: act_for(at=ENDS),
        lambda: act_for(at=STARTS - SECOND),
        lambda: act_for(DUMPED),  # the act allows it, and the sensor is not registered for it
        lambda: act_for(FIRE),  # the sensor could, and the act does not say so
        lambda: act_for(FULL, replace(ACT, sensor_ids=frozenset({SensorId(UUID(int=51))}))),
        lambda: act_for(FULL, ACT.revoke(at=STARTS)),
        lambda: act_for(suspended={FULL}),
        lambda: act_for(sensor=replace(SENSOR, disabled_at=STARTS)),
    ],
)
def test_anything_else_is_refused_and_says_so(refused: object) -> None:
    with pytest.raises(KindNotAllowed) as error:
        refused()  # type: ignore[operator]  # the list's own type is object
    assert error.value.kind in (FULL, DUMPED, FIRE)


def test_one_that_listens_counts_under_an_act_with_its_law_alone() -> None:
    """Whatever the profile: that of demonstrations asks for no law."""
    ears = replace(SENSOR, sort=SensorSort.SOUND)
    fictional = replace(ACT, profile=Profile.DEMONSTRATION, law="")

    assert act_for(FULL, sensor=ears) is ACT
    with pytest.raises(KindNotAllowed):
        act_for(FULL, fictional, sensor=ears, demonstrates=True)
    assert act_for(FULL, fictional, demonstrates=True) is fictional


def test_a_fictional_act_counts_in_a_demonstration_alone() -> None:
    fictional = replace(ACT, profile=Profile.DEMONSTRATION)

    with pytest.raises(KindNotAllowed):
        act_for(FULL, fictional)
    with pytest.raises(AuthorisationRefused):
        fictional.check_sensors(demonstration=set())
    fictional.check_sensors(demonstration=fictional.sensor_ids)


def test_an_act_for_closed_sites_counts_for_no_sensor() -> None:
    """Nothing tells whether the public comes where a sensor stands."""
    closed = replace(ACT, profile=Profile.CLOSED_SITE, assessment="AIPD 2026-2")

    with pytest.raises(KindNotAllowed):
        act_for(FULL, closed)
    with pytest.raises(AuthorisationRefused) as refused:
        closed.check_sensors(demonstration=set())
    assert refused.value.missing == (Missing.OPEN_PLACE,)
    ACT.check_sensors(demonstration=set())


def test_in_france_the_eight_kinds_bind_cameras_and_sensors_rest_on_their_own_law() -> None:
    assert not ACT.kinds <= DECREE_2023_828
    for wrong, missing in (
        ({"camera_ids": frozenset({QUAY})}, Missing.KIND_REFUSED),
        ({"sensor_ids": frozenset()}, Missing.CAMERAS),
        ({"law": " "}, Missing.LAW),
    ):
        with pytest.raises(AuthorisationRefused) as refused:
            replace(ACT, **wrong)
        assert missing in refused.value.missing


def test_an_act_of_a_sensor_covers_no_camera() -> None:
    assert not ACT.covers(QUAY, FULL, STARTS)


@pytest.mark.parametrize("wrong", [{"name": " "}, {"kinds": frozenset()}])
def test_what_is_no_sensor_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadSensor):
        replace(SENSOR, **wrong)  # type: ignore[arg-type]  # test data by name


@pytest.mark.parametrize("kind", sorted(set(EventKind) - REPORTABLE))
def test_no_sensor_tells_of_what_people_do_to_each_other(kind: EventKind) -> None:
    with pytest.raises(BadSensor):
        replace(SENSOR, kinds=frozenset({kind}))
