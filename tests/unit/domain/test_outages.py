"""Cameras that went down together are one thing to mend."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from domain.identifiers import CameraId
from domain.outages import Down, network_of, outages

NOW = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)


def down(host: str, reason: str = "no-route", after_s: float = 0) -> Down:
    since = NOW + timedelta(seconds=after_s)
    return Down(camera_id=CameraId(uuid4()), host=host, reason=reason, since=since)


def test_ten_behind_one_dead_switch_are_one() -> None:
    ten = [down(f"10.1.4.{n}", after_s=n * 2) for n in range(10)]
    (found,) = outages(ten)

    assert found.network == "10.1.4.0/24"
    assert found.since == NOW
    assert found.cameras == tuple(one.camera_id for one in ten)


def test_two_at_one_address_are_one_and_two_neighbours_are_not() -> None:
    recorder = [down("nvr.town.example"), down("nvr.town.example", "silent")]
    (found,) = outages([*recorder, down("10.1.4.1"), down("10.1.4.2")])

    assert found.network == "nvr.town.example"
    assert len(found.cameras) == 2


def test_what_fell_at_other_times_or_for_its_own_reason_is_apart() -> None:
    own = [down("10.1.4.1", "wrong-password"), down("10.1.4.2", "b-frames")]
    first = [down(f"10.1.4.{n}") for n in (3, 4)]
    later = [down(f"10.1.4.{n}", after_s=3600) for n in (5, 6, 7)]
    (found,) = outages([*own, *first, *later])

    assert set(found.cameras) == {one.camera_id for one in later}


def test_networks_are_told_apart_by_their_prefix() -> None:
    assert network_of("fd00:1:2:3::9") == "fd00:1:2:3::/64"
    assert network_of("CAM7.town.example") == "cam7.town.example"
    assert outages([]) == []
