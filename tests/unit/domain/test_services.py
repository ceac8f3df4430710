"""Every event is for somebody, whether a rule or a person reports it."""

import pytest

from domain.events import EventKind
from domain.rules import Service
from domain.services import service_of


@pytest.mark.parametrize(
    ("kind", "service"),
    [
        (EventKind.FORBIDDEN_ZONE, Service.POLICE),
        (EventKind.PANIC, Service.POLICE),
        (EventKind.PERSON_DOWN, Service.FIRE),
        (EventKind.FIRE, Service.FIRE),
        (EventKind.MEDICAL, Service.FIRE),
        (EventKind.DUMPING, Service.CLEANING),
        (EventKind.OVERFULL_BIN, Service.CLEANING),
    ],
)
def test_an_event_is_for_the_service_that_deals_with_its_kind(
    kind: EventKind, service: Service
) -> None:
    assert service_of(kind) is service


def test_no_kind_is_for_nobody() -> None:
    assert {service_of(kind) for kind in EventKind} == set(Service)
