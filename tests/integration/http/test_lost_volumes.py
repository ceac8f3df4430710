"""A volume that is gone for good: declared so by what is lost with it, and no alarm any more."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from domain.receipts import Receipt, Why
from tests.integration.http.archive import MINUTE, SINCE, Archive
from tests.integration.http.town import NOW, TOWN
from tests.waiting import eventually

COMMUNE = f"/api/v1/communes/{TOWN.text('commune')}"
ADMIN, SUPERVISOR, AUDITOR = (TOWN.token(who) for who in ("administrator", "supervisor", "auditor"))


async def alarms(archive: Archive) -> list[str]:
    _, health = await archive.town.ask("GET", "/api/v1/health", token=AUDITOR)
    return [one["kind"] for one in health["recordings"]]


async def receipts(archive: Archive) -> list[dict[str, Any]]:
    days = {"first": str(NOW.date() - timedelta(days=2)), "last": str(NOW.date() + timedelta(2))}
    _, found = await archive.town.ask("GET", f"{COMMUNE}/receipts", token=AUDITOR, params=days)
    assert isinstance(found, list)
    return found


async def test_a_volume_that_is_gone_is_declared_so_and_receipts_say_what_was_lost_with_it(
    archive: Archive,
) -> None:
    lost = {await archive.record(n * 10 * MINUTE, MINUTE, b"pictures") for n in range(3)}
    hold = {
        "id": str(uuid4()),
        "commune_id": TOWN.text("commune"),
        "requisition": "PV 2026/204",
        "sources": [TOWN.text("camera")],
        "starts_at": SINCE.isoformat(),
        "ends_at": (SINCE + MINUTE).isoformat(),
    }
    await archive.town.ask("POST", "/api/v1/holds", token=SUPERVISOR, json=hold)
    path = f"{COMMUNE}/volumes/{archive.volume.id}/loss"
    _, shown = await archive.town.ask("GET", path, token=ADMIN)
    assert shown == {"segments": 3, "held": 1}
    said = {**shown, "motive": "disque cassé, constat du 3 mars"}
    status, problem = await archive.town.ask("POST", path, token=ADMIN, json=said)
    assert (status, problem["type"]) == (409, "/problems/volume-seen")

    ago = "UPDATE recording_volume SET seen_at = seen_at - interval '1 hour' RETURNING id"
    await archive.town.database.rows(ago)
    assert await alarms(archive) == ["lost"]
    fewer = {**said, "segments": 2}
    status, problem = await archive.town.ask("POST", path, token=ADMIN, json=fewer)
    assert (status, problem["type"]) == (409, "/problems/conflict")
    assert (await archive.town.ask("POST", path, token=SUPERVISOR, json=said))[0] == 403
    assert (await archive.town.ask("POST", path, token=ADMIN, json=said))[0] == 200

    assert await alarms(archive) == []
    (given,) = await eventually(lambda: receipts(archive))
    receipt = Receipt.read(given["body"].encode())
    assert {str(one.segment_id) for one in receipt.destroyed} == lost
    assert {one.why for one in receipt.destroyed} == {Why.VOLUME}
    _, recording = await archive.town.ask("GET", f"{COMMUNE}/recording", token=AUDITOR)
    assert recording["volumes"] == []
    assert (await archive.town.ask("GET", path, token=ADMIN))[0] == 404
    (row,) = await archive.town.database.rows(
        "SELECT motive, data FROM register WHERE action = 'volume-lost'"
    )
    assert row["motive"] == said["motive"]
    data = json.loads(row["data"])
    assert (data["segments"], data["held"]) == (3, 1)
