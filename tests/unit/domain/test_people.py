"""Who may do what: dated habilitations, and conventions between communes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.communes import SHAREABLE, BadConvention, Convention
from domain.identifiers import CommuneId, ConventionId, GrantId, PersonId
from domain.people import PERMISSIONS, BadGrant, Grant, Permission, Person, Role

NOW = datetime(2026, 3, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
HERE, THERE = CommuneId(uuid4()), CommuneId(uuid4())


def grant(
    role: Role = Role.OPERATOR,
    *,
    starts_at: datetime = NOW,
    ends_at: datetime | None = NOW + YEAR,
    revoked_at: datetime | None = None,
    act: str = "Arrêté 2026-12",
) -> Grant:
    return Grant(
        id=GrantId(uuid4()),
        commune_id=HERE,
        role=role,
        act_reference=act,
        starts_at=starts_at,
        ends_at=ends_at,
        revoked_at=revoked_at,
    )


def person(*grants: Grant, disabled_at: datetime | None = None) -> Person:
    return Person(
        id=PersonId(uuid4()),
        name="Poste 1",
        sign_in="poste1",
        locale="fr",
        grants=grants,
        disabled_at=disabled_at,
    )


def test_a_habilitation_counts_from_its_first_instant_to_before_its_last() -> None:
    operator = person(grant())

    assert operator.roles(NOW) == {(HERE, Role.OPERATOR)}
    assert operator.roles(NOW - timedelta(microseconds=1)) == set()
    assert operator.roles(NOW + YEAR) == set()


def test_a_habilitation_without_an_end_lasts_until_it_is_revoked() -> None:
    endless = grant(ends_at=None, revoked_at=NOW + YEAR)

    assert endless.in_force(NOW + YEAR - timedelta(seconds=1))
    assert not endless.in_force(NOW + YEAR)


def test_a_disabled_person_has_no_role() -> None:
    assert person(grant(), disabled_at=NOW).roles(NOW) == set()


def test_permissions_come_from_the_roles_in_force() -> None:
    operator = person(grant())

    assert operator.communes_with(Permission.DECIDE_ALERTS, NOW) == {HERE}
    assert operator.communes_with(Permission.MANAGE_PEOPLE, NOW) == set()


@pytest.mark.parametrize(
    ("changes", "role"),
    [({"ends_at": NOW}, Role.OPERATOR), ({"act": "  "}, Role.AUDITOR)],
)
def test_a_habilitation_needs_an_act_and_an_end_after_its_start(
    changes: dict[str, object], role: Role
) -> None:
    with pytest.raises(BadGrant):
        grant(role, **changes)  # type: ignore[arg-type]  # one wrong value each


def test_who_configures_does_not_watch_and_who_audits_changes_nothing() -> None:
    administrator, auditor = PERMISSIONS[Role.ADMINISTRATOR], PERMISSIONS[Role.AUDITOR]

    assert not administrator & {Permission.VIEW_CAMERAS, Permission.VIEW_PATROL_STREAMS}
    assert auditor == {Permission.READ_SETUP, Permission.READ_REGISTER}
    assert PERMISSIONS[Role.AGENT] == {Permission.PATROL, Permission.SEE_ON_PATROL}
    assert PERMISSIONS[Role.RESPONDER] == {Permission.PATROL}


def convention(permissions: frozenset[Permission], **changes: object) -> Convention:
    values: dict[str, object] = {
        "id": ConventionId(uuid4()),
        "owner": HERE,
        "guest": THERE,
        "permissions": permissions,
        "act_reference": "Convention du 3 mars",
        "starts_at": NOW,
        "ends_at": NOW + YEAR,
    }
    return Convention(**(values | changes))  # type: ignore[arg-type]  # test data by field name


def test_a_convention_opens_what_it_names_while_it_is_in_force() -> None:
    shared = convention(frozenset({Permission.VIEW_CAMERAS}))

    assert shared.opens(Permission.VIEW_CAMERAS, to={THERE}, at=NOW)
    assert not shared.opens(Permission.SEE_ALERTS, to={THERE}, at=NOW)
    assert not shared.opens(Permission.VIEW_CAMERAS, to={HERE}, at=NOW)
    assert not shared.opens(Permission.VIEW_CAMERAS, to={THERE}, at=NOW + YEAR)


@pytest.mark.parametrize(
    "changes",
    [
        {"guest": HERE},
        {"ends_at": NOW},
        {"act_reference": ""},
        {"permissions": frozenset({Permission.READ_REGISTER})},
    ],
)
def test_a_convention_that_would_say_nothing_or_too_much_is_refused(
    changes: dict[str, object],
) -> None:
    with pytest.raises(BadConvention):
        convention(**({"permissions": SHAREABLE} | changes))  # type: ignore[arg-type]  # see above
