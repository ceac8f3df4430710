"""What a commune decides of its recordings, asked as pages and clients ask it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.clocks import Clocks
from domain.identifiers import SegmentId
from domain.receipts import BadReceipt, Destroyed, Receipt, Why
from domain.volumes import VolumeTrouble
from server.database.recording_clocks import RecordingClocks
from server.database.recordings import SQL, Recordings, SeenVolume
from server.recordings.receipts import verify
from server.secrets import InstallationKey
from tests.integration.http.conftest import Installation
from tests.integration.http.town import NEIGHBOUR, TOWN

RECORDING = f"/api/v1/communes/{TOWN.text('commune')}/recording"
ADMIN, SUPERVISOR, AUDITOR = (TOWN.token(who) for who in ("administrator", "supervisor", "auditor"))


async def test_nothing_is_recorded_until_the_administrator_says_how_long_within_the_law(
    town: Installation,
) -> None:
    status, before = await town.ask("GET", RECORDING, token=AUDITOR)
    assert (status, before["days"], before["decided_at"]) == (200, None, None)
    for days in (0, -5, 31, 4000):
        status, problem = await town.ask("PUT", RECORDING, token=ADMIN, json={"days": days})
        assert (status, problem["type"]) == (422, "/problems/bad-retention")
        assert "1 and 30" in problem["detail"]
    assert (await town.ask("GET", RECORDING, token=ADMIN))[1]["days"] is None
    status, after = await town.ask("PUT", RECORDING, token=ADMIN, json={"days": 15})

    assert (status, after["days"]) == (200, 15)
    assert after["decided_at"]
    camera = f"/api/v1/cameras/{TOWN.text('camera')}/recording"
    assert (await town.ask("PUT", camera, token=ADMIN, json={"never": True}))[0] == 200
    status, off = await town.ask("PUT", RECORDING, token=ADMIN, json={"days": None})
    assert (status, off["days"], off["never_recorded"]) == (200, None, [TOWN.text("camera")])


async def test_a_clock_in_doubt_is_shown_and_an_administrator_can_say_that_it_is_right(
    town: Installation,
) -> None:
    now, jump = datetime.now(UTC), timedelta(days=30)
    clocks = RecordingClocks(town.database)
    up = Clocks(wall=now, database=now, boot="one", steady=jump, is_set=False)
    await clocks.look("csu", up)
    await clocks.look("csu", replace(up, wall=now + jump, database=now + jump))
    seen = SeenVolume(
        id=uuid4(),
        commune_id=TOWN.commune,
        holder="media@csu/1",
        bytes_free=1,
        bytes_total=2,
        full_at=None,
        trouble=VolumeTrouble.CLOCK,
        overdue=0,
    )
    await Recordings(town.database).note_volume(seen, at=now)
    _, shown = await town.ask("GET", RECORDING, token=AUDITOR)
    (clock,) = shown["clocks"]
    assert (clock["host"], clock["doubt"], clock["off_s"]) == ("csu", "jumped", 2_592_000)
    _, health = await town.ask("GET", "/api/v1/health", token=AUDITOR)
    (alarm,) = health["recordings"]
    assert (alarm["host"], alarm["kind"], alarm["volume"]) == ("csu", "clock", str(seen.id))
    _, elsewhere = await town.ask("GET", "/api/v1/health", token=NEIGHBOUR.token("administrator"))
    assert elsewhere["recordings"] == []
    said = {"host": "csu", "off_s": clock["off_s"]}
    path = f"{RECORDING}/clock"
    assert (await town.ask("POST", path, token=SUPERVISOR, json=said))[0] == 403
    status, problem = await town.ask("POST", path, token=ADMIN, json={**said, "off_s": 0})
    assert (status, problem["type"]) == (409, "/problems/conflict")
    assert (await town.ask("POST", path, token=ADMIN, json={**said, "host": "other"}))[0] == 404
    status, right = await town.ask("POST", path, token=ADMIN, json=said)

    assert (status, right["clocks"][0]["doubt"], right["clocks"][0]["off_s"]) == (200, None, 0)


def new_hold(**said: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "commune_id": TOWN.text("commune"),
        "requisition": "PV 2026/204",
        "sources": [TOWN.text("camera"), TOWN.text("stream")],
        "starts_at": "2026-03-01T10:00:00Z",
        "ends_at": "2026-03-01T12:00:00+01:00",
        **said,
    }


async def test_a_hold_is_placed_listed_and_lifted_with_its_reason(town: Installation) -> None:
    body = new_hold(ends_at="2026-03-01T12:00:00Z")
    status, placed = await town.ask("POST", "/api/v1/holds", token=SUPERVISOR, json=body)
    assert (status, placed["requisition"], placed["segments"]) == (201, "PV 2026/204", 0)
    assert placed["sources"] == sorted(body["sources"])
    again = await town.ask("POST", "/api/v1/holds", token=SUPERVISOR, json=body)
    assert again == (201, placed)

    lifting = f"/api/v1/holds/{placed['id']}/lifting"
    status, lifted = await town.ask("POST", lifting, token=ADMIN, json={"because": "remise"})
    assert (status, lifted["lifted_because"]) == (200, "remise")
    status, problem = await town.ask("POST", lifting, token=ADMIN, json={"because": "remise"})
    assert (status, problem["type"]) == (409, "/problems/hold-lifted")
    listed = (await town.ask("GET", "/api/v1/holds", token=AUDITOR))[1]
    assert [one["id"] for one in listed] == [placed["id"], TOWN.text("hold")]


async def test_a_receipt_is_given_with_all_that_is_needed_to_check_it(
    town: Installation,
) -> None:
    signer = InstallationKey.open(town.data_dir).receipts
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    destroyed = Destroyed(
        segment_id=SegmentId(uuid4()),
        started_at=at - timedelta(days=15),
        ended_at=at - timedelta(days=15) + timedelta(minutes=5),
        size=123,
        sha256="ab" * 32,
        destroyed_at=at,
        why=Why.RETENTION,
    )
    receipt = Receipt(
        commune_id=TOWN.commune, source=TOWN.id("camera"), day=at.date(), destroyed=(destroyed,)
    )
    body = receipt.canonical()
    async with town.database.transaction() as t:
        said = (TOWN.commune, receipt.source, receipt.day, body, signer.sign(body), at)
        await t.execute(SQL["sign"], uuid4(), *said)

    path, query = f"{RECORDING[:-9]}receipts", {"first": "2026-03-01", "last": "2026-03-01"}
    _, (given,) = await town.ask("GET", path, token=AUDITOR, params=query)
    signature = bytes.fromhex(given["signature"])
    read = verify(given["body"].encode(), signature, public_key=given["public_key"])
    assert (read, given["count"], given["bytes"]) == (receipt, 1, 123)
    changed = given["body"].replace("2026-02-14", "2026-02-15").encode()
    for wrong in (changed, given["body"].encode() + b" "):
        with pytest.raises(BadReceipt):
            verify(wrong, signature, public_key=given["public_key"])
    with pytest.raises(BadReceipt):
        verify(body, signature, public_key="00" * 32)


async def test_a_hold_that_holds_nothing_is_refused_and_in_no_book(town: Installation) -> None:
    for said in (
        {"sources": [NEIGHBOUR.text("camera")]},
        {"ends_at": "2026-03-01T10:00:00Z"},
        {"ends_at": "2026-03-01T09:59:59Z"},
    ):
        body = new_hold(**said)
        status, problem = await town.ask("POST", "/api/v1/holds", token=SUPERVISOR, json=body)
        assert (status, problem["type"]) == (422, "/problems/bad-hold")

    book = {"commune": TOWN.text("commune")}
    register = await town.ask("GET", "/api/v1/register", token=AUDITOR, params=book)
    assert "PV 2026/204" not in str(register)
    path, query = f"{RECORDING[:-9]}receipts", {"first": "2026-01-01", "last": "2026-12-31"}
    assert await town.ask("GET", path, token=AUDITOR, params=query) == (200, [])
