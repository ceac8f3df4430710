"""A camera that says by itself what it sees, asked by pull-point; what it says is written here."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from domain.cameras import PlaceKind
from domain.events import EventKind
from domain.identifiers import CameraId, EventId, StreamId
from domain.notices import CameraNotices, Notice
from domain.watching import EventClosed, EventOpened
from server.database.onvif import Noticed
from server.notices import Notices, WhatCounts
from server.onvif.apart import apart
from server.onvif.camera import Limits
from server.onvif.notices import SubscribedApart, Subscription
from server.supervision import supervise
from tests.component.hours import Loop, run
from tests.unit.domain.test_notices import ACT, CAMERA, START
from tests.waiting import LIMIT_S

NETWORKS = (ip_network("127.0.0.0/8"),)
#: Of the form of ONVIF's analytics specification: a property, a state, a clock that is wrong.
INSIDE = """
<wsnt:NotificationMessage><wsnt:Topic
 Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
>tns1:RuleEngine/FieldDetector/ObjectsInside</wsnt:Topic><wsnt:Message>
<tt:Message UtcTime="2001-01-01T00:00:00Z" PropertyOperation="{}"><tt:Source>
<tt:SimpleItem Name="VideoSourceConfigurationToken" Value="VideoSourceToken"/>
<tt:SimpleItem Name="Rule" Value="MyFieldDetector1"/></tt:Source><tt:Data>
<tt:SimpleItem Name="IsInside" Value="{}"/></tt:Data></tt:Message></wsnt:Message>
</wsnt:NotificationMessage>"""
#: A maker's own topic, an empty source, no operation, fractions of a second.
MOTION = """
<wsnt:NotificationMessage><wsnt:Topic>tnsaxis:CameraApplicationPlatform/VMD/Camera1Profile1
</wsnt:Topic><wsnt:Message><tt:Message UtcTime="2026-12-01T22:00:00.123456Z"><tt:Source/>
<tt:Data><tt:SimpleItem Name="active" Value="1"/></tt:Data></tt:Message></wsnt:Message>
</wsnt:NotificationMessage>"""
ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:wsa5="http://www.w3.org/2005/08/addressing"><s:Body>{}</s:Body></s:Envelope>'
)
EVENTS = "http://www.onvif.org/ver10/events/wsdl"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take long to end a subscription."""
    monkeypatch.setattr("server.notices.END_S", LIMIT_S)


@dataclass
class TellingCamera:
    """Answers pull-point requests with what ``says`` holds, one answer each; then waits."""

    says: list[str]
    asked: list[str] = field(default_factory=list)
    said_all: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        if "GetServices" in body:
            url = f"http://{request.host}/events"
            text = (
                f"<GetServicesResponse><Service><Namespace>{EVENTS}</Namespace>"
                f"<XAddr>{url}</XAddr></Service></GetServicesResponse>"
            )
        elif "CreatePullPointSubscription" in body:
            # Behind a NAT, with an address of its own.
            text = (
                "<CreatePullPointSubscriptionResponse><SubscriptionReference>"
                "<wsa5:Address>http://192.168.1.64/pull/7</wsa5:Address>"
                "</SubscriptionReference></CreatePullPointSubscriptionResponse>"
            )
        elif "PullMessages" in body:
            self.asked.append(request.path)
            if not self.says:  # what was said before has been heard: it is asked again
                self.said_all.set()
                await asyncio.sleep(30)
            text = f"<PullMessagesResponse>{self.says.pop(0)}</PullMessagesResponse>"
        else:
            if "Unsubscribe" in body:
                self.ended.set()
            text = "<UnsubscribeResponse/>"
        return web.Response(text=ENVELOPE.format(text), content_type="application/soap+xml")


@dataclass
class Sink:
    opened_: list[EventOpened] = field(default_factory=list)
    closed_: list[EventClosed] = field(default_factory=list)
    stills: list[bytes] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def opened(self, event: EventOpened, still: bytes) -> None:
        self.opened_.append(event)
        self.stills.append(still)

    async def closed(self, event: EventClosed) -> None:
        self.closed_.append(event)
        self.news.set()


class SilentBus:
    @contextmanager
    def follow(self) -> Any:
        async def facts() -> AsyncIterator[Any]:
            await asyncio.Event().wait()
            yield

        yield facts()


async def still(_: StreamId) -> bytes:
    return b"jpeg"


def noticed(address: str) -> Noticed:
    return Noticed(
        place_kind=PlaceKind.PUBLIC_ROAD,
        camera_id=CAMERA,
        stream_id=StreamId(UUID(int=2)),
        is_demonstration=False,
        address=address,
        username="u",
        password="p",
    )


async def hear(
    camera: TellingCamera, sink: Sink, *, acts: Sequence[Any] = (ACT,)
) -> CollectorRegistry:
    """Hear the camera until an event has closed, or it has said all without one."""
    registry = CollectorRegistry()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", camera.answer)
    async with TestServer(app) as server, apart() as other:
        one, limits = noticed(f"127.0.0.1:{server.port}"), Limits(networks=NETWORKS, call_s=10.0)

        async def read() -> WhatCounts:
            named: dict[CameraId, Any] = {CAMERA: tuple(acts)}
            return WhatCounts([one], named)

        notices = Notices(
            read=read,
            subscribe=lambda who: SubscribedApart(
                other, Subscription(who.address, who.username, who.password, limits=limits)
            ),
            still=still,
            sink=sink,
            bus=SilentBus(),  # type: ignore[arg-type]  # it is only followed
            clock=lambda: START,
            registry=registry,
        )
        async with supervise({"notices": notices.run}, on_failure=lambda: None):
            async with asyncio.timeout(LIMIT_S):
                await camera.said_all.wait()
                if sink.opened_:
                    await sink.news.wait()
        assert camera.ended.is_set()
    return registry


def dropped(registry: CollectorRegistry, why: str) -> float:
    return registry.get_sample_value("ilotier_camera_notices_dropped_total", {"why": why}) or 0.0


async def test_what_it_sees_under_an_act_is_an_event_with_a_picture() -> None:
    begins = INSIDE.format("Initialized", "true")
    camera = TellingCamera([begins + MOTION, INSIDE.format("Changed", "false")])
    sink = Sink()
    registry = await hear(camera, sink)

    (event,), (over,) = sink.opened_, sink.closed_
    assert (event.kind, event.authorisation_id) == (EventKind.FORBIDDEN_ZONE, ACT.id)
    assert event.opened_at == START  # by our clock: the camera's says 2001
    assert sink.stills == [b"jpeg"]
    assert over.event_id == event.event_id
    assert dropped(registry, "no-kind") == 1
    assert set(camera.asked) == {"/pull/7"}


async def test_without_an_act_it_is_dropped_and_counted() -> None:
    camera = TellingCamera([INSIDE.format("Changed", "true"), MOTION])
    sink = Sink()
    later = replace(ACT, starts_at=START + timedelta(hours=1), ends_at=START + timedelta(hours=2))
    registry = await hear(camera, sink, acts=[later])

    assert sink.opened_ == []
    assert dropped(registry, "no-act") == 1


class NeverStores(Sink):
    """A database that does not come to an end."""

    async def closed(self, event: EventClosed) -> None:
        self.news.set()
        await asyncio.Event().wait()


async def test_a_database_that_hangs_ends_the_hearing_of_no_other_camera(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.notices.END_S", 0.05)
    told = CameraNotices(CAMERA, False, lambda: EventId(UUID(int=9)), (ACT,))
    told.told(Notice("FieldDetector/ObjectsInside", "", {}, {"IsInside": "true"}), at=START)
    unreachable = noticed("127.0.0.1:9")
    sink = NeverStores()

    async def nothing() -> WhatCounts:
        return WhatCounts((), {})

    class Silent:
        async def open(self) -> None:
            await asyncio.Event().wait()

        async def pull(self) -> Sequence[Notice]:
            return ()

        async def close(self) -> None:
            pass

    hears = Notices(
        read=nothing,
        subscribe=lambda _: Silent(),
        still=still,
        sink=sink,
        bus=SilentBus(),  # type: ignore[arg-type]  # it is only followed
        clock=lambda: START,
        registry=CollectorRegistry(),
    )
    task = asyncio.ensure_future(hears._hear(unreachable, told))
    await asyncio.sleep(0)  # it has begun
    task.cancel()
    await asyncio.wait({task}, timeout=30)

    assert sink.news.is_set()
    assert task.cancelled()


@dataclass
class AlwaysTells:
    """Somebody comes in, and goes, every minute."""

    said: int = 0

    async def open(self) -> None:
        pass

    async def pull(self) -> Sequence[Notice]:
        await asyncio.sleep(30)
        self.said += 1
        return [Notice("FieldDetector/ObjectsInside", "", {}, {"IsInside": str(self.said % 2)})]

    async def close(self) -> None:
        pass


def test_a_camera_is_heard_for_two_minutes_after_what_was_known_last() -> None:
    """Also while the next question has no answer, and does not fail."""
    loop, sink, asked = Loop(), Sink(), []

    def now() -> datetime:
        return START + timedelta(seconds=loop.time())

    async def read() -> WhatCounts:
        asked.append(now())
        if len(asked) > 1:
            await asyncio.Event().wait()
        await asyncio.sleep(20)
        return WhatCounts([noticed("127.0.0.1:9")], {CAMERA: (ACT,)})

    notices = Notices(
        read=read,
        subscribe=lambda _: AlwaysTells(),
        still=still,
        sink=sink,
        bus=SilentBus(),  # type: ignore[arg-type]  # it is only followed
        clock=now,
        registry=CollectorRegistry(),
    )

    async def hear_it() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(600):
                await notices.run()

    run(loop, hear_it())

    opened = [(one.opened_at - START).total_seconds() for one in sink.opened_]
    assert opened == pytest.approx([50, 110], abs=5)
    assert len(asked) == 2
