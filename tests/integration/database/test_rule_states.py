"""What is watched now is read once for who asks, and anew as soon as something changes it."""

from collections.abc import Callable
from dataclasses import replace

from domain.cameras import Camera
from domain.events import EventKind
from domain.resting import Rests
from server.database.authorisations import Authorisations
from server.database.cameras import Cameras
from server.database.pool import Database
from server.database.rule_states import KEPT_FOR, RuleStates
from server.database.rules import Rules
from tests.integration.database.town import ADMIN, NOW, SECOND, VAULT, Town


async def test_what_changes_is_told_at_once(database: Database, town: Town) -> None:
    camera, zone, act = await town.watched_camera()
    states, rules = RuleStates(database, clock=lambda: NOW), Rules(database)

    async def rests() -> list[Rests | None]:
        of_all = await states.of(at=NOW)
        assert await states.of({town.commune.id}, camera_id=camera.id, at=NOW) == of_all
        return [one.rests for one in of_all]

    async def change(how: Callable[[Camera], Camera]) -> None:
        await Cameras(database, vault=VAULT).change(camera.id, how, actor=ADMIN, at=NOW)

    assert await rests() == [None]
    crowd = replace(zone, kind=EventKind.DENSITY)
    await rules.put(camera.id, [crowd], actor=ADMIN, at=NOW)
    assert await rests() == [Rests.NO_ACT]
    await rules.put(camera.id, [zone], actor=ADMIN, at=NOW)
    assert await rests() == [None]
    await Authorisations(database).revoke(act.id, actor=ADMIN, at=NOW)
    assert await rests() == [Rests.NO_ACT]
    await change(lambda one: replace(one, disabled_at=NOW))
    assert await rests() == []


async def test_what_was_changed_by_hand_is_told_within_a_bound(
    database: Database, town: Town
) -> None:
    camera, _, act = await town.watched_camera()
    states = RuleStates(database, clock=lambda: NOW)
    assert [one.rests for one in await states.of({camera.commune_id}, at=NOW)] == [None]

    await database.value("UPDATE rule SET in_use = false RETURNING id")

    assert [one.rests for one in await states.of(at=NOW + KEPT_FOR - SECOND)] == [None]
    assert [one.rests for one in await states.of(at=NOW + KEPT_FOR)] == [Rests.OFF]
    assert [one.rests for one in await states.of(at=NOW)] == [Rests.OFF]
    # An act ends by itself, of what was read before.
    await database.value("UPDATE rule SET in_use = true RETURNING id")
    just_before = act.ends_at - SECOND
    assert [one.rests for one in await states.of(at=just_before)] == [None]
    assert [one.rests for one in await states.of(at=act.ends_at)] == [Rests.NO_ACT]
