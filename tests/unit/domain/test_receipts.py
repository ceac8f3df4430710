"""A receipt says what was destroyed, in a form that any change breaks."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.identifiers import CommuneId, SegmentId
from domain.receipts import BadReceipt, Destroyed, Receipt, Why, receipts_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
on_a_busy_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TOWN, CAMERA = CommuneId(uuid4()), uuid4()


def destroyed(at: datetime = NOON, size: int = 1000) -> Destroyed:
    return Destroyed(
        segment_id=SegmentId(uuid4()),
        started_at=at - timedelta(days=10),
        ended_at=at - timedelta(days=10) + timedelta(minutes=2),
        size=size,
        sha256="ab" * 32,
        destroyed_at=at,
        why=Why.RETENTION,
    )


def receipt(*what: Destroyed) -> Receipt:
    return Receipt(commune_id=TOWN, source=CAMERA, day=NOON.date(), destroyed=what)


@on_a_busy_machine
@given(st.lists(st.integers(0, 2**40), max_size=5))
def test_a_receipt_reads_back_as_it_was(sizes: list[int]) -> None:
    written = receipt(*(destroyed(size=size) for size in sizes))

    read = Receipt.read(written.canonical())

    assert read.canonical() == written.canonical()
    assert read.size == sum(sizes)


@on_a_busy_machine
@given(st.data())
def test_any_changed_byte_is_refused_or_says_something_else(data: st.DataObject) -> None:
    body = receipt(destroyed()).canonical()
    at = data.draw(st.integers(0, len(body) - 1))
    changed = body[:at] + bytes([body[at] ^ data.draw(st.integers(1, 255))]) + body[at + 1 :]

    try:
        read = Receipt.read(changed)
    except BadReceipt:
        return
    assert read.canonical() == changed != body


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b'{"destroyed":[1]}', b"\xff", b"[" * 9]
)
def test_what_is_no_receipt_is_refused(body: bytes) -> None:
    with pytest.raises(BadReceipt):
        Receipt.read(body)


def test_the_order_in_which_segments_went_does_not_matter() -> None:
    first, second = destroyed(), destroyed(NOON + timedelta(hours=1))

    assert receipt(first, second).canonical() == receipt(second, first).canonical()


def test_each_day_has_a_receipt_of_its_own_and_days_are_those_of_utc() -> None:
    late = destroyed(datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC))
    early = destroyed(datetime(2026, 3, 2, 1, tzinfo=UTC))

    found = receipts_of(TOWN, CAMERA, [early, late])

    assert [one.day.isoformat() for one in found] == ["2026-03-01", "2026-03-02"]
    assert found[0].destroyed == (late,)
    with pytest.raises(BadReceipt):
        receipt(early)
