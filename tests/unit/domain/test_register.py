"""The register is a chain: whatever is changed, dropped or cut off shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import CommuneId
from domain.register import GENESIS, Action, Chained, Entry, chain, verify

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def entry(n: int) -> Entry:
    return Entry(
        at=NOW + timedelta(seconds=n),
        actor=f"person:{n}",
        action=Action.VIEWING_STARTED,
        about="camera:12",
        commune_id=CommuneId(uuid4()) if n % 2 else None,
        motive="surveillance générale",
        data={"n": n},
    )


def book(length: int) -> list[Chained]:
    links: list[Chained] = []
    for n in range(1, length + 1):
        previous = links[-1].hash if links else GENESIS
        links.append(chain(n, entry(n), previous_hash=previous))
    return links


def test_an_untouched_book_holds_and_names_its_head() -> None:
    links = book(5)

    result = verify(links, expected_head=links[-1].hash)

    assert result.holds
    assert (result.checked, result.head) == (5, links[-1].hash)


def test_an_empty_book_holds() -> None:
    assert verify([]).head == GENESIS


@given(st.integers(0, 9), st.sampled_from(["actor", "about", "motive", "data", "at"]))
def test_a_changed_entry_is_named(position: int, field: str) -> None:
    links = book(10)
    changed = {"actor": "x", "about": "x", "motive": "x", "data": {"n": -1}, "at": NOW}[field]
    forged = replace(links[position].entry, **{field: changed})  # type: ignore[arg-type]  # by name
    links[position] = replace(links[position], entry=forged)

    result = verify(links)

    assert result.broken_at == position + 1
    assert result.reason == "the entry was changed"


def test_a_missing_entry_is_named() -> None:
    links = book(4)
    del links[1]

    assert verify(links).reason == "an entry is missing"


def test_an_entry_written_again_does_not_fit_the_next() -> None:
    links = book(3)
    links[1] = chain(2, entry(99), previous_hash=links[0].hash)

    result = verify(links)

    assert (result.broken_at, result.reason) == (3, "the chain is cut here")


def test_a_cut_tail_shows_against_the_head_kept_elsewhere() -> None:
    links = book(4)

    assert verify(links[:2]).holds
    assert verify(links[:2], expected_head=links[-1].hash).reason == "the end was cut off"


def test_the_same_instant_in_another_time_zone_is_the_same_entry() -> None:
    from zoneinfo import ZoneInfo

    paris = replace(entry(2), at=entry(2).at.astimezone(ZoneInfo("Europe/Paris")))

    assert chain(2, paris, previous_hash=GENESIS) == replace(
        chain(2, entry(2), previous_hash=GENESIS), entry=paris
    )


def test_a_register_entry_wants_plain_json() -> None:
    with pytest.raises(TypeError):
        chain(1, replace(entry(1), data={"at": NOW}), previous_hash=GENESIS)
