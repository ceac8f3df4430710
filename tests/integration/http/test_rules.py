"""Rules over HTTP: what each kind declares, and a rule that waits for the operator's model."""

from typing import Any

from domain.rules import TYPES
from server.database.presence import Processes
from tests.integration.http.conftest import Installation
from tests.integration.http.town import NEIGHBOUR, TOWN, stays

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
    await processes.here("detect-1", "detect", at=stays(), health=health)

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


async def test_what_is_watched_now_is_told_and_why_the_rest_is_not(town: Installation) -> None:
    zone = {"kind": "forbidden-zone", "name": "Quai", "shape": "zone", "points": HALF}
    rules = [
        zone,
        zone | {"name": "Pont", "in_use": False},
        zone | {"name": "Cour", "preset": "2"},
        zone | {"kind": "density", "name": "Halle"},
        zone | {"kind": "crowd-movement", "name": "Halle"},
        WEAPON,
    ]
    await ask(town, "PUT", f"{CAMERA}/rules", json={"rules": rules})
    await town.database.rows(
        "UPDATE authorisation SET kinds = kinds || '{density,weapon}' WHERE id = $1 RETURNING id",
        TOWN.id("authorisation"),
    )

    operator = TOWN.token("operator")
    path = "/api/v1/rules/states"
    of_camera = {"camera": TOWN.text("camera")}
    _, states = await town.ask("GET", path, token=operator, params=of_camera)
    assert {one["rests"] for one in states if one["to_mend"]} == {"suspended", "no-model"}
    assert {(one["kind"], one["name"], one["rests"]) for one in states} == {
        ("forbidden-zone", "Quai", None),
        ("forbidden-zone", "Pont", "off"),
        ("forbidden-zone", "Cour", "off-preset"),
        ("density", "Halle", "suspended"),
        ("crowd-movement", "Halle", "no-act"),
        ("weapon", "Parvis", "no-model"),
    }
    assert await town.ask("GET", path, token=NEIGHBOUR.token("operator")) == (200, [])

    _, health = await town.ask("GET", "/api/v1/health", token=operator)
    resting = health["rules_resting"]
    # What has to be mended comes first, and what was taken out of use is counted alone.
    named = [(one["number"], one["rule"], one["reason"]) for one in resting["named"]]
    assert set(named[:2]) == {(12, "Halle", "suspended"), (12, "Parvis", "no-model")}
    assert {reason for _, _, reason in named[2:]} == {"off-preset", "no-act"}
    off = {"kind": "forbidden-zone", "reason": "off", "to_mend": False, "count": 1}
    assert off in resting["counts"]
    assert resting["off_preset"] == [TOWN.text("camera")]
    assert resting["unavailable"] == ["weapon"]
    _, elsewhere = await town.ask("GET", "/api/v1/health", token=NEIGHBOUR.token("operator"))
    nothing: dict[str, list[str]] = {"counts": [], "named": [], "off_preset": []}
    assert elsewhere["rules_resting"] == nothing | {"unavailable": ["weapon"]}

    async with town.client.get("/metrics") as answered:
        metrics = await answered.text()
    assert 'ilotier_rules_resting{kind="weapon",reason="no-model"} 1.0' in metrics
