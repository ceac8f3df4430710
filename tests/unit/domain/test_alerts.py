"""An alert asks a human: nothing leaves before one has confirmed it, and the first unit wins."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts import (
    Alert,
    AlertOrigin,
    AlertState,
    AlreadyAcknowledged,
    AlreadyDecided,
    DismissalReason,
    NoRecipient,
    NotAddressed,
    NotConfirmed,
)
from domain.errors import Conflict, DomainError
from domain.events import EventKind
from domain.identifiers import AlertId, CommuneId, PersonId, UnitId
from domain.positions import Point

NOW = datetime(2026, 3, 1, 21, 14, 5, tzinfo=UTC)
OPERATOR, OTHER = PersonId(uuid4()), PersonId(uuid4())
ALPHA, BRAVO = UnitId(uuid4()), UnitId(uuid4())


def raised(**changes: object) -> Alert:
    alert = Alert(
        id=AlertId(uuid4()),
        commune_id=CommuneId(UUID(int=1)),
        kind=EventKind.FORBIDDEN_ZONE,
        origin=AlertOrigin.DETECTOR,
        point=Point(24.94, 60.17),
        place="12 Aleksanterinkatu",
        raised_at=NOW,
    )
    return replace(alert, **changes)  # type: ignore[arg-type]  # test data by field name


def sent(*units: UnitId) -> Alert:
    return raised().confirm(by=OPERATOR, at=NOW).send(frozenset(units), by=OPERATOR, at=NOW)


def test_an_alert_nobody_confirmed_is_not_sent() -> None:
    with pytest.raises(NotConfirmed):
        raised().send(frozenset({ALPHA}), by=OPERATOR, at=NOW)


def test_a_confirmed_alert_is_sent_to_the_chosen_units() -> None:
    alert = sent(ALPHA)

    assert alert.state is AlertState.SENT
    assert alert.recipients == {ALPHA}
    assert alert.sent_at == NOW


def test_a_panic_alarm_needs_no_operator() -> None:
    panic = raised(kind=EventKind.PANIC, origin=AlertOrigin.DEVICE)

    assert panic.send(frozenset({BRAVO}), by=None, at=NOW).state is AlertState.SENT


def test_sending_without_a_unit_is_refused() -> None:
    with pytest.raises(NoRecipient):
        raised().confirm(by=OPERATOR, at=NOW).send(frozenset(), by=OPERATOR, at=NOW)


def test_sending_again_adds_units_and_keeps_the_first_time() -> None:
    later = sent(ALPHA).send(frozenset({BRAVO}), by=OTHER, at=NOW + timedelta(minutes=1))

    assert later.recipients == {ALPHA, BRAVO}
    assert (later.sent_at, later.sent_by) == (NOW, OPERATOR)


def test_units_can_be_added_after_one_has_acknowledged() -> None:
    alert = sent(ALPHA).acknowledge(ALPHA, at=NOW).send(frozenset({BRAVO}), by=OPERATOR, at=NOW)

    assert alert.state is AlertState.ACKNOWLEDGED
    assert BRAVO in alert.recipients


def test_second_unit_is_told_who_acknowledged_first() -> None:
    alert = sent(ALPHA, BRAVO).acknowledge(BRAVO, at=NOW)

    with pytest.raises(AlreadyAcknowledged) as refused:
        alert.acknowledge(ALPHA, at=NOW)
    assert refused.value.unit_id == BRAVO


def test_the_same_unit_twice_is_a_success() -> None:
    alert = sent(ALPHA).acknowledge(ALPHA, at=NOW)

    assert alert.acknowledge(ALPHA, at=NOW + timedelta(seconds=5)) == alert


def test_a_unit_it_was_not_sent_to_can_neither_accept_nor_decline() -> None:
    with pytest.raises(NotAddressed):
        sent(ALPHA).acknowledge(BRAVO, at=NOW)
    with pytest.raises(NotAddressed):
        sent(ALPHA).decline(BRAVO)


def test_a_unit_that_declined_may_change_its_mind() -> None:
    alert = sent(ALPHA).decline(ALPHA)
    assert alert.unable == {ALPHA}

    assert alert.acknowledge(ALPHA, at=NOW).unable == frozenset()


def test_a_unit_that_goes_can_not_decline() -> None:
    with pytest.raises(Conflict):
        sent(ALPHA).acknowledge(ALPHA, at=NOW).decline(ALPHA)


def test_a_dismissal_can_be_taken_back_and_its_reason_corrected() -> None:
    dismissed = raised().dismiss(DismissalReason.TEST, by=OPERATOR, at=NOW)
    assert dismissed.state is AlertState.DISMISSED

    corrected = dismissed.dismiss(DismissalReason.HARMLESS, by=OPERATOR, at=NOW)
    assert corrected.dismissal is DismissalReason.HARMLESS
    assert corrected.reopen() == raised(id=dismissed.id)


def test_another_operator_can_not_overrule_a_decision() -> None:
    confirmed = raised().confirm(by=OPERATOR, at=NOW)
    assert confirmed.confirm(by=OPERATOR, at=NOW) is confirmed

    with pytest.raises(AlreadyDecided):
        confirmed.confirm(by=OTHER, at=NOW)
    with pytest.raises(AlreadyDecided):
        raised().dismiss(DismissalReason.TEST, by=OPERATOR, at=NOW).dismiss(
            DismissalReason.TEST, by=OTHER, at=NOW
        )


def test_what_has_left_can_not_be_taken_back() -> None:
    with pytest.raises(AlreadyDecided):
        sent(ALPHA).reopen()


def test_handling_names_the_operator_until_it_is_sent() -> None:
    assert raised().handle(by=OTHER).handled_by == OTHER
    with pytest.raises(AlreadyDecided):
        sent(ALPHA).handle(by=OTHER)


def test_resolving_twice_is_resolving_once() -> None:
    resolved = sent(ALPHA).resolve(at=NOW)

    assert resolved.resolve(at=NOW + timedelta(hours=1)).resolved_at == NOW
    with pytest.raises(AlreadyDecided):
        raised().resolve(at=NOW)


def test_an_alert_is_overdue_while_somebody_is_waited_for() -> None:
    limit = timedelta(seconds=60)
    late, in_time = NOW + timedelta(seconds=61), NOW + timedelta(seconds=60)

    assert raised().is_overdue(now=late, limit=limit)
    assert not raised().is_overdue(now=in_time, limit=limit)
    assert sent(ALPHA).is_overdue(now=late, limit=limit)
    assert not sent(ALPHA).acknowledge(ALPHA, at=NOW).is_overdue(now=late, limit=limit)


STEPS: list[Callable[[Alert], Alert]] = [
    lambda a: a.handle(by=OTHER),
    lambda a: a.confirm(by=OPERATOR, at=NOW),
    lambda a: a.dismiss(DismissalReason.TEST, by=OPERATOR, at=NOW),
    lambda a: a.reopen(),
    lambda a: a.send(frozenset({ALPHA}), by=OPERATOR, at=NOW),
    lambda a: a.acknowledge(ALPHA, at=NOW),
    lambda a: a.decline(ALPHA),
    lambda a: a.resolve(at=NOW),
]


@given(st.lists(st.sampled_from(STEPS), max_size=12))
def test_whatever_is_tried_no_unconfirmed_alert_reaches_a_unit(
    steps: list[Callable[[Alert], Alert]],
) -> None:
    alert = raised()
    for step in steps:
        try:
            alert = step(alert)
        except DomainError:
            continue
    if alert.recipients or alert.sent_at or alert.acknowledged_by:
        assert alert.confirmed_by is not None
