"""A right that ends is enforced wherever it can be, whatever hangs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest

from domain.errors import Unavailable
from domain.facts import AccessRevoked, Fact, UnitChanged
from domain.identifiers import (
    CameraId,
    CommuneId,
    DeviceId,
    GrantId,
    PersonId,
    StreamId,
    TalkId,
    UnitId,
)
from domain.patrol_streams import PatrolStream, ThreatReason
from domain.people import Grant, Person, Role
from domain.principals import DevicePrincipal
from domain.talks import FREE_AFTER, Talk
from domain.units import CrewWithoutPictures, Device, DeviceKind
from server.database.talks import OpenTalk
from server.http.enforcement import Enforcement
from server.supervision import supervise
from tests.waiting import LIMIT_S

NOW = datetime(2026, 11, 28, 21, tzinfo=UTC)
HANGS, ANSWERS = "media@north/0", "media@south/0"


class Revoked:
    """A bus on which a right has just ended, and what enforcement finds then."""

    def __init__(self, *talks: OpenTalk, fact: Fact | None = None) -> None:
        self._talks = talks
        self.fact = fact or AccessRevoked(at=NOW, commune_id=None)
        self.acked = asyncio.Event()
        self.silenced: set[TalkId] = set()
        self.ended: set[TalkId] = set()

    async def subscribe(self, *, durable: str) -> AsyncIterator["Revoked"]:
        yield self
        await asyncio.Event().wait()

    async def ack(self) -> None:
        self.acked.set()

    async def open(self) -> tuple[OpenTalk, ...]:
        return self._talks

    async def silence(self, holder: str, talk_id: TalkId) -> bool:
        if holder == HANGS:
            raise Unavailable("it hangs")
        self.silenced.add(talk_id)
        return False

    async def end(self, talk_id: TalkId, **said: object) -> None:
        self.ended.add(talk_id)


class Nothing:
    """No viewing and no publication is open; or nobody can say."""

    def __init__(self, *, is_away: bool = False) -> None:
        self._is_away = is_away

    async def open(self) -> list[object]:
        if self._is_away:
            raise Unavailable("away")
        return []


class Filming:
    """A crew films that has just become one of another service."""

    def __init__(self) -> None:
        grant = Grant(
            id=GrantId(uuid4()),
            commune_id=CommuneId(uuid4()),
            role=Role.AGENT,
            act_reference="AR 1",
            starts_at=NOW,
            ends_at=None,
        )
        agent = Person(id=PersonId(uuid4()), name="A", sign_in="a", locale="fr", grants=(grant,))
        device = Device(
            id=DeviceId(uuid4()),
            commune_id=grant.commune_id,
            name="Téléphone",
            kind=DeviceKind.PHONE,
            person_id=agent.id,
        )
        self.principal = DevicePrincipal(device=device, person=agent)
        self.stream = PatrolStream(
            id=StreamId(uuid4()),
            commune_id=grant.commune_id,
            device_id=device.id,
            unit_id=UnitId(uuid4()),
            person_id=agent.id,
            reason=ThreatReason.OFFICERS,
            started_at=NOW,
        )
        self.ended: set[StreamId] = set()

    async def open(self) -> list[PatrolStream]:
        return [self.stream]

    async def in_hand(self, device_id: DeviceId) -> DevicePrincipal:
        return self.principal

    async def check_sees_pictures(self, principal: DevicePrincipal) -> None:
        raise CrewWithoutPictures("a crew of cleaning")

    async def end(self, stream_id: StreamId, **said: object) -> None:
        self.ended.add(stream_id)


class Silencing:
    def __init__(self, revoked: Revoked) -> None:
        self.end = revoked.silence


def talk(holder: str, *, began: datetime = NOW) -> OpenTalk:
    """Of a page without a sign-in, so of one that may not speak."""
    said = Talk(
        id=TalkId(uuid4()),
        camera_id=CameraId(uuid4()),
        commune_id=CommuneId(uuid4()),
        person_id=PersonId(uuid4()),
        motive="dépôt sauvage",
        started_at=began,
    )
    return OpenTalk(talk=said, holder=holder, session_id=None)


class People:
    async def get(self, person_id: PersonId) -> object:
        return object()


async def heard(
    revoked: Revoked,
    viewings: Nothing,
    monkeypatch: pytest.MonkeyPatch,
    *,
    filming: Filming | None = None,
) -> None:
    monkeypatch.setattr("server.http.enforcement.PAUSE_S", 0.0)
    others: Any = Nothing()
    films: Any = filming or others
    enforcement = Enforcement(
        bus=cast(Any, revoked),
        access=films,
        viewings=cast(Any, viewings),
        sessions=others,
        devices=films,
        people=cast(Any, People()),
        patrol_streams=films,
        talks=cast(Any, revoked),
        loudspeakers=cast(Any, Silencing(revoked)),
        media=others,
        clock=lambda: NOW,
    )
    async with supervise({"enforcement": enforcement.run}, on_failure=lambda: None):
        await asyncio.wait_for(revoked.acked.wait(), LIMIT_S)


async def test_a_talk_is_silenced_though_another_process_hangs_and_viewings_are_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = talk(ANSWERS)
    revoked = Revoked(talk(HANGS), there)
    await heard(revoked, Nothing(is_away=True), monkeypatch)

    assert revoked.silenced == {there.talk.id}
    assert not revoked.ended  # its process tells


async def test_a_talk_that_its_process_does_not_know_any_more_is_over_in_the_register_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forgotten = talk(ANSWERS, began=NOW - FREE_AFTER)
    revoked = Revoked(forgotten, talk(ANSWERS))
    await heard(revoked, Nothing(), monkeypatch)

    assert revoked.ended == {forgotten.talk.id}


async def test_what_a_crew_films_ends_when_it_becomes_one_without_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filming = Filming()
    stream = filming.stream
    changed = UnitChanged(at=NOW, commune_id=stream.commune_id, unit_id=stream.unit_id)
    await heard(Revoked(fact=changed), Nothing(), monkeypatch, filming=filming)

    assert filming.ended == {stream.id}
