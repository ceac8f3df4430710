"""Who may see what: role by role, commune by commune, and the law's gates."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.alerts import AlertOrigin
from domain.cameras import NoOrderInForce
from domain.communes import Convention
from domain.errors import Forbidden, NotFound
from domain.events import EventKind
from domain.identifiers import ConventionId, GrantId, InterventionId, StreamId
from domain.interventions import Intervention
from domain.patrol_streams import PatrolStream, ThreatReason
from domain.people import PERMISSIONS, Permission, Role
from domain.principals import DevicePrincipal
from domain.units import NotOnShift, UnitKind
from server.access import Access
from server.database.alerts import Alerts
from server.database.cameras import Cameras
from server.database.communes import Conventions
from server.database.interventions import Interventions
from server.database.patrol_streams import PatrolStreams
from server.database.people import People
from server.database.pool import Database
from tests.integration.database.town import ADMIN, NOW, SECOND, VAULT, Town

P = Permission


@pytest.fixture
def access(database: Database) -> Access:
    return Access(database, clock=lambda: NOW)


async def outcome(asked: Awaitable[object]) -> str:
    try:
        await asked
    except (Forbidden, NotFound) as error:
        return error.code
    return "given"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "permission", [P.MANAGE_CAMERAS, P.READ_SETUP, P.VIEW_CAMERAS, P.MANAGE_ZONES]
)
async def test_a_camera_is_given_to_roles_that_include_it(
    town: Town, access: Access, role: Role, permission: Permission
) -> None:
    camera = await town.camera(order=await town.order())
    principal = await town.principal(role)

    expected = "given" if permission in PERMISSIONS[role] else "forbidden"
    assert await outcome(access.camera_for(principal, camera.id, permission)) == expected


@pytest.mark.parametrize("role", Role)
async def test_another_communes_things_do_not_exist(
    town: Town, other_town: Town, access: Access, role: Role
) -> None:
    camera = await other_town.camera(order=await other_town.order())
    unit, order = await other_town.unit("PM 1"), await other_town.order()
    alert = await Alerts(town.database).add(other_town.alert(), actor=ADMIN, at=NOW)
    person, device = await other_town.person(Role.AGENT), (await other_town.device()).device
    me = await town.principal(role)

    asked: list[Awaitable[object]] = [
        access.camera_for(me, camera.id, P.VIEW_CAMERAS),
        access.camera_for(me, camera.id, P.MANAGE_CAMERAS),
        access.stream_for(me, camera.main_stream_id),
        access.unit_for(me, unit.id, P.SEE_UNITS),
        access.order_for(me, order.id, P.READ_SETUP),
        access.alert_for(me, alert.id, P.SEE_ALERTS),
        access.person_for(me, person.id, P.READ_SETUP),
        access.device_for(me, device.id, P.READ_SETUP),
        access.commune_for(me, other_town.commune.id, P.READ_SETUP),
        access.register_for(me, other_town.commune.id),
    ]
    assert {await outcome(one) for one in asked} == {"not-found"}


async def test_a_convention_opens_what_it_says_while_it_lasts(
    town: Town, other_town: Town, access: Access, database: Database
) -> None:
    camera = await other_town.camera(order=await other_town.order())
    me = await town.principal(Role.OPERATOR)
    clerk = await town.principal(Role.ADMINISTRATOR)
    convention = Convention(
        id=ConventionId(uuid4()),
        owner=other_town.commune.id,
        guest=town.commune.id,
        permissions=frozenset({P.VIEW_CAMERAS}),
        act_reference="convention 7",
        starts_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=1),
    )
    await Conventions(database).add(convention, actor=ADMIN, at=NOW)

    assert await outcome(access.camera_for(me, camera.id, P.VIEW_CAMERAS)) == "given"
    assert await outcome(access.camera_for(me, camera.id, P.MANAGE_CAMERAS)) == "forbidden"
    assert await outcome(access.camera_for(clerk, camera.id, P.VIEW_CAMERAS)) == "not-found"
    assert await access.communes_for(me, P.SEE_ALERTS) == {town.commune.id}
    later = Access(database, clock=lambda: NOW + timedelta(days=2))
    assert await outcome(later.camera_for(me, camera.id, P.VIEW_CAMERAS)) == "not-found"
    await Conventions(database).end(convention.id, actor=ADMIN, at=NOW)
    assert await outcome(access.camera_for(me, camera.id, P.VIEW_CAMERAS)) == "not-found"


async def test_only_the_owner_ends_a_convention(
    town: Town, other_town: Town, access: Access, database: Database
) -> None:
    convention = Convention(
        id=ConventionId(uuid4()),
        owner=other_town.commune.id,
        guest=town.commune.id,
        permissions=frozenset({P.SEE_UNITS}),
        act_reference="convention 7",
        starts_at=NOW,
        ends_at=NOW + timedelta(days=1),
    )
    await Conventions(database).add(convention, actor=ADMIN, at=NOW)
    owner, guest = (
        await other_town.principal(Role.ADMINISTRATOR),
        await town.principal(Role.ADMINISTRATOR),
    )

    manage = P.MANAGE_COMMUNE
    assert await outcome(access.convention_for(owner, convention.id, manage)) == "given"
    assert await outcome(access.convention_for(guest, convention.id, P.READ_SETUP)) == "given"
    assert await outcome(access.convention_for(guest, convention.id, manage)) == "forbidden"


async def test_a_disabled_person_and_an_ended_habilitation_see_nothing(
    town: Town, access: Access, database: Database
) -> None:
    unit = await town.unit("PM 1")
    me = await town.principal(Role.OPERATOR)
    disabled = replace(me, person=replace(me.person, disabled_at=NOW))
    ended = Access(database, clock=lambda: NOW + timedelta(days=400))

    assert await outcome(access.unit_for(me, unit.id, P.SEE_UNITS)) == "given"
    assert await outcome(access.unit_for(disabled, unit.id, P.SEE_UNITS)) == "not-found"
    assert await outcome(ended.unit_for(me, unit.id, P.SEE_UNITS)) == "not-found"


async def test_no_order_in_force_no_picture(town: Town, access: Access) -> None:
    bare = await town.camera(1)
    over = await town.camera(2, order=await town.order(ends_at=NOW - SECOND))
    fine = await town.camera(3, order=await town.order())
    me, phone = await town.principal(Role.OPERATOR), await town.on_shift(await town.unit("PM 1"))

    for camera in (bare, over):
        with pytest.raises(NoOrderInForce):
            await access.camera_for(me, camera.id, P.VIEW_CAMERAS)
        with pytest.raises(NoOrderInForce):
            await access.stream_for(phone, camera.main_stream_id)
    assert (await access.stream_for(me, fine.main_stream_id)).camera == fine
    assert list(await access.cameras_for(phone, P.PATROL)) == [fine]


async def test_a_camera_out_of_use_shows_no_picture(
    town: Town, access: Access, database: Database
) -> None:
    camera = await town.camera(order=await town.order())
    cameras = Cameras(database, vault=VAULT)
    await cameras.change(camera.id, lambda one: replace(one, disabled_at=NOW), actor=ADMIN, at=NOW)
    me = await town.principal(Role.OPERATOR)

    assert await outcome(access.stream_for(me, camera.main_stream_id)) == "not-found"


async def test_a_phone_needs_a_shift_and_an_agent_with_the_right_to_patrol(
    town: Town, access: Access
) -> None:
    camera = await town.camera(order=await town.order())
    idle, working = await town.device(), await town.on_shift(await town.unit("PM 1"))
    without = replace(working, person=replace(working.person, grants=()))

    with pytest.raises(NotOnShift):
        await access.camera_for(idle, camera.id, P.PATROL)
    assert await outcome(access.camera_for(working, camera.id, P.PATROL)) == "given"
    assert await outcome(access.camera_for(without, camera.id, P.PATROL)) == "not-found"
    assert await outcome(access.camera_for(working, camera.id, P.MANAGE_CAMERAS)) == "forbidden"


async def test_cameras_are_shown_to_the_polices_crews_alone(town: Town, access: Access) -> None:
    camera = await town.camera(order=await town.order())
    for kind in UnitKind:
        crew = await town.on_shift(await town.unit(f"X {kind}", kind=kind))

        expected = "given" if kind in (UnitKind.POLICE, UnitKind.ASVP) else "crew-without-pictures"
        assert await outcome(access.camera_for(crew, camera.id, P.PATROL)) == expected
        assert await outcome(access.stream_for(crew, camera.main_stream_id)) == expected
        assert await outcome(access.cameras_for(crew, P.PATROL)) == expected


async def test_a_responder_sees_no_camera_whatever_crew_he_says_he_is_of(
    town: Town, access: Access
) -> None:
    camera = await town.camera(order=await town.order())
    liar = await town.on_shift(await town.unit("PM 1"), role=Role.RESPONDER)

    refused = "crew-without-pictures"
    assert await outcome(access.camera_for(liar, camera.id, P.PATROL)) == refused
    assert await outcome(access.stream_for(liar, camera.main_stream_id)) == refused
    assert await outcome(access.cameras_for(liar, P.PATROL)) == refused


async def test_a_phone_sees_its_own_units_alerts_only(
    town: Town, access: Access, database: Database
) -> None:
    unit, other = await town.unit("PM 1"), await town.unit("PM 2")
    mine, theirs = await town.on_shift(unit), await town.on_shift(other)
    author = (await town.person(Role.OPERATOR)).id
    alerts = Alerts(database, clock=lambda: NOW)
    alert = await alerts.add(town.alert().confirm(by=author, at=NOW), actor=ADMIN, at=NOW)
    await alerts.send(alert.id, [unit.id], by=author, actor=ADMIN, at=NOW)

    assert await outcome(access.alert_for(mine, alert.id, P.PATROL)) == "given"
    assert await outcome(access.alert_for(theirs, alert.id, P.PATROL)) == "not-found"


async def test_who_called_for_help_sees_his_alarm_off_shift_too(
    town: Town, access: Access, database: Database
) -> None:
    mine, another = await town.device(), await town.device()
    alarm = replace(
        town.alert(EventKind.PANIC), origin=AlertOrigin.DEVICE, raised_by=mine.person.id
    )
    await Alerts(database).raise_alarm(alarm, device_id=mine.device.id, actor=mine.actor)

    assert await outcome(access.alert_for(mine, alarm.id, P.PATROL)) == "given"
    with pytest.raises(NotOnShift):
        await access.alert_for(another, alarm.id, P.PATROL)


@pytest.fixture
async def pursuit(town: Town, database: Database) -> tuple[PatrolStream, list[DevicePrincipal]]:
    """A patrol films its intervention; the second phone's unit is on it, the third's is not."""
    units = [await town.unit(f"PM {n}") for n in range(3)]
    phones = [await town.on_shift(unit) for unit in units]
    intervention = Intervention(
        id=InterventionId(uuid4()),
        commune_id=town.commune.id,
        kind=town.alert().kind,
        place="",
        point=None,
        created_at=NOW,
    )
    for unit in units[:2]:
        intervention = intervention.assign(unit.id, at=NOW)
    await Interventions(database).add(intervention, actor=ADMIN)
    stream = PatrolStream(
        id=StreamId(uuid4()),
        commune_id=town.commune.id,
        device_id=phones[0].device.id,
        unit_id=units[0].id,
        person_id=phones[0].person.id,
        reason=ThreatReason.OFFICERS,
        started_at=NOW,
        intervention_id=intervention.id,
    )
    await PatrolStreams(database).begin(stream, actor=phones[0].actor)
    return stream, phones


async def test_a_patrols_pictures_are_for_the_command_post_and_the_units_of_that_intervention(
    town: Town,
    other_town: Town,
    access: Access,
    pursuit: tuple[PatrolStream, list[DevicePrincipal]],
) -> None:
    stream, phones = pursuit
    operator, auditor = await town.principal(Role.OPERATOR), await town.principal(Role.AUDITOR)
    stranger = await other_town.principal(Role.OPERATOR)

    asked: Callable[..., Awaitable[object]] = access.stream_for
    assert await outcome(asked(operator, stream.id)) == "given"
    assert await outcome(asked(phones[1], stream.id)) == "given"
    assert await outcome(asked(phones[2], stream.id)) == "not-found"
    assert await outcome(asked(auditor, stream.id)) == "forbidden"
    assert await outcome(asked(stranger, stream.id)) == "not-found"
    assert await outcome(access.publication_for(phones[0], stream.id)) == "given"
    assert await outcome(access.publication_for(phones[1], stream.id)) == "not-found"


async def test_live_pictures_end_with_the_intervention(
    access: Access,
    database: Database,
    town: Town,
    pursuit: tuple[PatrolStream, list[DevicePrincipal]],
) -> None:
    stream, phones = pursuit
    assert stream.intervention_id is not None
    await Interventions(database).change(
        stream.intervention_id, lambda one: one.close(by=None, at=NOW), actor=ADMIN, at=NOW
    )
    operator = await town.principal(Role.OPERATOR)

    assert await outcome(access.stream_for(operator, stream.id)) == "not-found"
    assert await outcome(access.stream_for(phones[1], stream.id)) == "not-found"
    assert (await PatrolStreams(database).get(stream.id)).ended_at == NOW


async def test_a_person_is_managed_by_the_commune_that_keeps_it(
    town: Town, other_town: Town, access: Access, database: Database
) -> None:
    person = await town.person(Role.OPERATOR)
    lent = replace((await other_town.person(Role.OPERATOR)).grants[0], id=GrantId(uuid4()))
    mine = await town.principal(Role.ADMINISTRATOR)
    theirs = await other_town.principal(Role.ADMINISTRATOR)
    asked = access.person_for

    assert await outcome(asked(mine, person.id, P.MANAGE_PEOPLE)) == "given"
    assert await outcome(asked(theirs, person.id, P.MANAGE_PEOPLE)) == "not-found"
    await People(database).grant(person.id, lent, actor=ADMIN, at=NOW)
    seen = await access.person_for(theirs, person.id, P.READ_SETUP)
    assert [grant.id for grant in seen.grants] == [lent.id]
    assert await outcome(asked(theirs, person.id, P.MANAGE_PEOPLE)) == "not-found"
    manage = P.MANAGE_PEOPLE
    assert await outcome(access.grant_for(theirs, person.id, lent.id, manage)) == "given"
    own = person.grants[0].id
    assert await outcome(access.grant_for(theirs, person.id, own, manage)) == "not-found"
