"""Rules over HTTP: what each kind declares, and a rule that waits for the operator's model."""

from typing import Any

from domain.rules import TYPES
from server.database.columns import utc_now
from server.database.presence import Processes
from tests.integration.http.conftest import Installation
from tests.integration.http.town import TOWN

CAMERA = f"/api/v1/cameras/{TOWN.text('camera')}"
HALF = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
WEAPON = {"kind": "weapon", "name": "Parvis", "shape": "zone", "points": HALF}


async def ask(town: Installation, method: str, path: str, **said: Any) -> Any:
    return await town.ask(method, path, token=TOWN.token("administrator"), **said)


async def test_a_rule_without_its_model_is_kept_and_says_why_it_rests(town: Installation) -> None:
    status, kept = await ask(town, "PUT", f"{CAMERA}/rules", json={"rules": [WEAPON]})

    assert (status, [rule["kind"] for rule in kept["rules"]]) == (200, ["weapon"])
    assert "No model is set" in kept["unavailable"][kept["rules"][0]["id"]]
    _, listed = await ask(town, "GET", "/api/v1/rule-types")
    types = {one["kind"]: one for one in listed["types"]}
    assert types.keys() == {kind.value for kind in TYPES}
    assert "No model is set" in types["weapon"]["unavailable"]
    assert types["forbidden-zone"]["unavailable"] is None

    processes = Processes(town.database)
    health = {"labels": ["Knife", "person"]}
    await processes.here("detect-1", "detect", at=utc_now(), health=health)

    _, again = await ask(town, "PUT", f"{CAMERA}/rules", json={"rules": kept["rules"]})
    assert again == {"rules": kept["rules"], "unavailable": {}}


async def test_people_vehicles_or_both_are_kept_where_the_kind_leaves_the_choice(
    town: Installation,
) -> None:
    line = {"kind": "line-crossing", "name": "Quai", "shape": "line", "points": HALF[:2]}
    chosen = [line | {"counts": "left", "subjects": "vehicles"}]
    _, kept = await ask(town, "PUT", f"{CAMERA}/rules", json={"rules": chosen})
    status, refused = await ask(
        town, "PUT", f"{CAMERA}/rules", json={"rules": [WEAPON | {"subjects": "both"}]}
    )

    assert kept["rules"][0]["subjects"] == "vehicles"
    assert (status, refused["type"]) == (422, "/problems/invalid-rule")


async def test_hours_are_those_of_the_commune_unless_another_zone_is_named(
    town: Installation,
) -> None:
    await town.database.rows("UPDATE commune SET timezone = 'Indian/Reunion' RETURNING id")
    night = {"starts": "22:00", "ends": "06:00"}
    rules = [WEAPON | {"hours": night}, WEAPON | {"hours": night | {"time_zone": "Europe/Paris"}}]

    status, kept = await ask(town, "PUT", f"{CAMERA}/rules", json={"rules": rules})

    assert status == 200
    zones = {rule["hours"]["time_zone"] for rule in kept["rules"]}
    assert zones == {"Indian/Reunion", "Europe/Paris"}
