"""Cameras: their secrets stay secret, their state is told when it is news."""

from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.authorisations import AuthorisationRefused, DailyHours
from domain.cameras import BadCamera, Camera, CameraThere, PlaceKind, SourceKind
from domain.errors import Conflict, NotFound
from domain.events import EventKind
from domain.identifiers import AuthorisationId, RuleId
from domain.lines import Crossing, Line
from domain.positions import Point
from domain.profiles import Profile
from domain.rules import Rule, Subjects
from server.database.authorisations import Authorisations
from server.database.bus import PgBus
from server.database.cameras import Cameras, split_url
from server.database.leases import PgLeases
from server.database.onvif import Abilities, OnvifCameras
from server.database.orders import Orders
from server.database.pool import Database
from server.database.rules import Rules
from server.database.screens import Screens
from server.secrets import Vault
from server.watch_list import WatchedSource
from tests.integration.database.town import ADMIN, NOW, SECOND, VAULT, Town, forbidden


@pytest.fixture
def cameras(database: Database) -> Cameras:
    return Cameras(database, vault=VAULT)


@pytest.fixture
def screens(database: Database) -> Screens:
    return Screens(database, clock=lambda: NOW)


async def kinds(database: Database) -> list[str]:
    rows = await database.rows("SELECT kind FROM outbox WHERE kind LIKE 'camera%' ORDER BY seq")
    return [row["kind"] for row in rows]


async def test_a_camera_comes_back_as_it_was_added(town: Town, cameras: Cameras) -> None:
    camera = await town.camera(order=await town.order())

    assert await cameras.get(camera.id) == camera
    assert camera.bearing_deg == 359.9999999


async def test_a_kept_password_goes_to_no_host_that_never_had_it(
    town: Town, cameras: Cameras
) -> None:
    camera = await town.camera(url="rtsp://csu:s3cret@192.0.2.10/main")
    said: dict[str, Any] = {"actor": ADMIN, "at": NOW}

    with pytest.raises(BadCamera, match="entered again"):
        await cameras.change(camera.id, replace, main_url="rtsp://192.0.2.66/main", **said)
    with pytest.raises(BadCamera, match="entered again"):
        await cameras.change(camera.id, replace, sub_url="rtsp://192.0.2.66/sub", **said)
    await cameras.change(camera.id, replace, sub_url="rtsp://192.0.2.10:8554/sub", **said)
    assert (await cameras.sources())[0].password == "s3cret"

    moved: dict[str, Any] = {
        "main_url": "rtsp://192.0.2.66/main",
        "sub_url": None,
        "credentials": ("csu", "n3w"),
    }
    await cameras.change(camera.id, replace, **moved, **said)
    source = (await cameras.sources())[0]
    assert (source.main_url, source.password) == ("rtsp://192.0.2.66/main", "n3w")


async def test_a_camera_that_moves_is_asked_by_onvif_where_it_is_and_nowhere_else(
    town: Town, cameras: Cameras, database: Database
) -> None:
    camera = await town.camera(url="rtsp://192.0.2.10/main")
    onvif = OnvifCameras(database, vault=VAULT)

    async def asked_at(address: str, **changed: Any) -> str | None:
        said = Abilities(
            address=address, profile="main", model="", has_ptz=False, has_events=True,
            has_loudspeaker=False,
        )  # fmt: skip
        await onvif.keep(camera, said, actor=ADMIN, at=NOW)
        await cameras.change(camera.id, replace, actor=ADMIN, at=NOW, **changed)
        with suppress(NotFound):
            return (await onvif.get(camera.id)).abilities.address
        return None

    service = "http://192.0.2.{}:8000/onvif/device_service"
    elsewhere = service.format(99)
    assert await asked_at(service.format(10), sub_url="rtsp://192.0.2.10/sub") == service.format(10)
    assert await asked_at("192.0.2.10:8000", sub_url=None) == "192.0.2.10:8000"
    new = "rtsp://192.0.2.66/main"
    assert await asked_at(service.format(10), main_url=new) == service.format(66)
    assert await asked_at("192.0.2.66", main_url="rtsp://[2001:db8::1]/main") == "[2001:db8::1]"
    assert await asked_at(elsewhere, main_url=new) == elsewhere
    assert await asked_at(elsewhere, credentials=("csu", "n3w")) is None


async def test_a_password_is_nowhere_to_be_read_but_by_the_media_process(
    database: Database, town: Town, cameras: Cameras
) -> None:
    await town.camera(url="rtsp://op%40csu:s3cret%21@192.0.2.10:8554/main?x=1")
    source = (await cameras.sources())[0]

    assert source.main_url == "rtsp://192.0.2.10:8554/main?x=1"
    assert (source.username, source.password) == ("op@csu", "s3cret!")
    for table in ("camera", "register", "outbox", "history"):
        text = await database.value(f"SELECT string_agg(t::text, ' ') FROM {table} t")  # noqa: S608 - above
        assert "s3cret" not in (text or "")


async def test_a_password_can_be_changed_and_taken_away(town: Town, cameras: Cameras) -> None:
    camera = await town.camera(credentials=("op", "old"))

    async def change(**given: object) -> tuple[str | None, str | None]:
        await cameras.change(camera.id, lambda one: one, actor=ADMIN, at=NOW, **given)  # type: ignore[arg-type]  # one of its own
        source = (await cameras.sources())[0]
        return source.username, source.password

    assert await change(place="ailleurs") == ("op", "old")
    assert await change(main_url="rtsp://192.0.2.10/2") == ("op", "old")
    assert await change(main_url="rtsp://op:new@192.0.2.11/") == ("op", "new")
    assert await change(credentials=None) == (None, None)


async def test_a_password_of_another_key_leaves_the_other_cameras_alone(
    database: Database, town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.camera(1, credentials=("op", "s3cret"))
    await town.camera(2)
    sources = await Cameras(database, vault=Vault(b"\x01" * 32)).sources()

    assert [(one.camera.number, one.password) for one in sources] == [(1, None), (2, None)]
    assert "s3cret" not in caplog.text


async def test_a_number_is_given_once_in_a_commune(town: Town, other_town: Town) -> None:
    await town.camera(1)
    await other_town.camera(1)

    with pytest.raises(Conflict, match="number"):
        await town.camera(1)


async def test_one_camera_is_in_one_row_so_that_its_masks_are_all_there_is(
    town: Town, other_town: Town, cameras: Cameras
) -> None:
    there = await town.camera(url="rtsp://192.0.2.10/main")
    said: dict[str, Any] = {"actor": ADMIN, "at": NOW}
    same = "rtsp://csu:s3cret@192.0.2.10:554/main"
    with pytest.raises(CameraThere, match=f"camera {there.number} has this address"):
        await town.camera(2, url=same)
    with pytest.raises(CameraThere, match="another commune"):
        await other_town.camera(url=same)
    other = await town.camera(2, url="rtsp://192.0.2.10/other")
    for changed in ("main_url", "sub_url"):
        with pytest.raises(CameraThere):
            await cameras.change(other.id, replace, **said | {changed: same})

    await town.camera(3, url=same, demonstration=True)  # one clip stands in for several
    await cameras.change(there.id, lambda one: replace(one, disabled_at=NOW), **said)
    await cameras.change(other.id, replace, main_url=same, **said)


async def test_another_communes_order_covers_nothing(town: Town, other_town: Town) -> None:
    order = await other_town.order()

    with pytest.raises(NotFound):
        await town.camera(order=order)


@pytest.mark.parametrize(
    "url", ["", "http://192.0.2.10/", "rtsp://", "rtsp://[::1/", "rtsp://x:99999/"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadCamera):
        split_url(url, SourceKind.RTSP)


def test_an_address_keeps_what_it_needs() -> None:
    assert split_url("rtsps://u@[2001:db8::1]:322/a?b=c", SourceKind.RTSP) == (
        "rtsps://[2001:db8::1]:322/a?b=c",
        ("u", ""),
    )
    assert split_url("clips/place.mp4", SourceKind.FILE) == ("clips/place.mp4", None)


async def test_down_and_back_are_told_when_they_are_news(
    database: Database, town: Town, cameras: Cameras, screens: Screens
) -> None:
    camera = await town.camera()
    leases = PgLeases(database, holder="media@here")
    await leases.acquire(f"camera:{camera.id}")
    for n in range(3):
        at = NOW + n * SECOND
        await cameras.note_up(camera.id, codec="h264", clock_offset_ms=12.0, at=at)
    assert await cameras.up([camera.id]) == {camera.id}
    for n in range(3, 6):
        await cameras.note_down(camera.id, reason="timed-out", at=NOW + n * SECOND)

    state = (await screens.cameras([town.commune.id]))[0].state
    assert state is not None
    assert (state.up, state.since, state.reason) == (False, NOW + 3 * SECOND, "timed-out")
    assert (state.codec, state.clock_offset_ms) == ("h264", 12.0)
    assert await kinds(database) == ["camera-changed", "camera-came-back", "camera-went-down"]
    down = (await screens.health(at=NOW)).cameras_down
    assert [(one.number, one.reason) for one in down] == [(1, "timed-out")]


async def test_a_camera_that_no_media_process_holds_is_not_up(
    database: Database, town: Town, cameras: Cameras, screens: Screens
) -> None:
    camera = await town.camera()
    leases = PgLeases(database, holder="media@here")
    lease = await leases.acquire(f"camera:{camera.id}")
    await cameras.note_up(camera.id, codec="h264", clock_offset_ms=None, at=NOW)
    held = (await screens.cameras([town.commune.id]))[0].state
    assert lease is not None
    await leases.release(lease)

    state = (await screens.cameras([town.commune.id]))[0].state
    assert held is not None
    assert state is not None
    assert (held.up, state.up, state.reason) == (True, False, "no-media-process")


async def test_rules_are_put_as_a_whole(town: Town, database: Database) -> None:
    camera, other = await town.camera(1), await town.camera(2)
    rules = Rules(database)
    one = forbidden("Cour")
    two = Rule(
        id=RuleId(uuid4()),
        kind=EventKind.LINE_CROSSING,
        name="Quai",
        shape=Line.drawn([[0.1, 0.1], [0.9, 0.1]], Crossing.LEFT),
        bearing=90.0,
        thresholds={"confidence": 0.4},
        subjects=Subjects.VEHICLES,
        hours=DailyHours(time(22), time(6)),
        preset="3",
        in_use=False,
    )

    put = await rules.put(camera.id, [one, two], actor=ADMIN, at=NOW)
    assert {rule.id: rule for rule in put} == {one.id: one, two.id: two}
    renamed = replace(two, name="Le quai")
    assert await rules.put(camera.id, [renamed], actor=ADMIN, at=NOW) == [renamed]
    with pytest.raises(Conflict):
        await rules.put(other.id, [renamed], actor=ADMIN, at=NOW)
    assert await rules.of_cameras([camera.id, other.id]) == {camera.id: [renamed]}


async def test_an_act_is_recorded_revoked_and_shown_on_its_camera(
    town: Town, database: Database, screens: Screens
) -> None:
    camera, _, act = await town.watched_camera()
    acts = Authorisations(database)
    assert await acts.get(act.id) == act
    shown = (await screens.cameras([town.commune.id]))[0]
    assert (shown.authorised_until, shown.kinds) == (
        act.ends_at,
        frozenset({EventKind.FORBIDDEN_ZONE}),
    )

    for later in (0, 5):
        revoked = await acts.revoke(act.id, actor=ADMIN, at=NOW + later * SECOND)

    assert revoked.revoked_at == NOW
    assert await acts.running(at=NOW) == []
    assert (await screens.cameras([town.commune.id]))[0].authorised_until is None
    assert (await kinds(database)).count("camera-changed") == 4  # added, zone, act, its end
    assert camera.demonstration


async def test_a_fictional_act_on_a_real_camera_is_refused(
    town: Town, other_town: Town, database: Database
) -> None:
    _, _, real_act = await town.watched_camera()
    act = replace(real_act, profile=Profile.DEMONSTRATION)
    await database.rows("UPDATE commune SET profile = 'demonstration' RETURNING id")
    real, foreign = await town.camera(1), await other_town.camera(1, demonstration=True)
    acts = Authorisations(database)

    def naming(camera: Camera) -> Awaitable[object]:
        new = replace(act, id=AuthorisationId(uuid4()), camera_ids=frozenset({camera.id}))
        return acts.add(new, actor=ADMIN, at=NOW)

    with pytest.raises(AuthorisationRefused):
        await naming(real)
    with pytest.raises(NotFound):
        await naming(foreign)


async def test_an_act_for_closed_sites_counts_there_alone(
    town: Town, database: Database, screens: Screens
) -> None:
    _, _, fictional = await town.watched_camera()
    depot = await town.camera(1, place_kind=PlaceKind.CLOSED_TO_PUBLIC)
    street = await town.camera(2)
    rule = replace(forbidden("Dépôt"), kind=EventKind.DUMPING)
    await Rules(database).put(depot.id, [rule], actor=ADMIN, at=NOW)
    acts = Authorisations(database)
    act = replace(
        fictional,
        id=AuthorisationId(uuid4()),
        profile=Profile.CLOSED_SITE,
        act_date=NOW.date(),
        assessment="AIPD 2026-4",
        kinds=frozenset({EventKind.DUMPING}),
        camera_ids=frozenset({depot.id}),
    )

    with pytest.raises(AuthorisationRefused):
        await acts.add(replace(act, camera_ids=frozenset({street.id})), actor=ADMIN, at=NOW)
    assert await acts.add(act, actor=ADMIN, at=NOW) == act

    async def watched() -> set[EventKind]:
        listed = await WatchedSource(database, PgBus(database), clock=lambda: NOW).read()
        return {kind for one in listed for kind in one.acts_at(NOW) if one.camera_id == depot.id}

    async def shown() -> frozenset[EventKind]:
        (view,) = await screens.cameras([town.commune.id], ids=[depot.id])
        return view.kinds

    assert await watched() == await shown() == {EventKind.DUMPING}
    await database.rows("UPDATE camera SET place_kind = 'public-road' RETURNING id")
    assert await watched() == await shown() == set()


async def test_an_order_with_its_perimeter_comes_back_and_its_end_is_announced(
    town: Town, database: Database, screens: Screens
) -> None:
    orders = Orders(database)
    order = await town.order(ends_at=NOW + timedelta(days=100))
    ring = (Point(24.0, 60.0), Point(25.0, 60.0), Point(24.5, 61.0))
    camera = await town.camera(order=order)
    changed = await orders.change(
        order.id, lambda one: replace(one, perimeter=ring), actor=ADMIN, at=NOW
    )

    assert await orders.get(order.id) == changed
    assert (await screens.cameras([town.commune.id]))[0].order == changed
    ending = (await screens.health(at=NOW)).orders_ending
    assert [one.number for one in ending] == [order.number]
    assert (await kinds(database)).count("camera-changed") == 2
    assert camera.order_id == order.id
