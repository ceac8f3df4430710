"""Masks over HTTP: decided by version, and one bare picture with its row in the register."""

from typing import Any
from uuid import UUID

from domain.people import Role
from tests.integration.http.conftest import Installation
from tests.integration.http.town import TOWN
from tests.servers.media import NotedMedia

SQUARE = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]
CAMERA = f"/api/v1/cameras/{TOWN.text('camera')}"


async def decide(town: Installation, masks: list[Any], **said: Any) -> tuple[int, Any]:
    body = {"masks": masks, "after": 0} | said
    token = TOWN.token("administrator")
    return await town.ask("PUT", f"{CAMERA}/masks", token=token, json=body)


async def watch(town: Installation) -> str:
    """Watch the camera; give what the register says of it."""
    path = f"/api/v1/streams/{TOWN.text('camera-stream')}/whep"
    said = {"headers": {"Content-Type": "application/sdp"}, "data": b"v=0\r\n"}
    assert (await town.ask("POST", path, token=TOWN.token("operator"), **said))[0] == 201
    data: str = (await entries(town, "viewing-started"))[-1]["data"]
    return data


async def entries(town: Installation, action: str) -> list[Any]:
    rows = await town.database.rows(
        "SELECT * FROM register WHERE action = $1 ORDER BY number", action
    )
    return list(rows)


async def test_masks_are_decided_seen_and_named_in_each_viewing_from_then_on(
    town: Installation, media: NotedMedia
) -> None:
    token = TOWN.token("administrator")
    _, before = await town.ask("GET", f"{CAMERA}/masks", token=token)
    seen_before = await watch(town)
    status, decided = await decide(town, [SQUARE])
    seen_after = await watch(town)

    assert before["decisions"] == []
    assert (status, decided["decisions"][0]["masks"]) == (200, [SQUARE])
    assert decided["decisions"][0]["decided_by"] == str(TOWN.person(Role.ADMINISTRATOR))
    _, camera = await town.ask("GET", CAMERA, token=token)
    assert camera["masks"] == {"version": 1, "count": 1, "by_camera": False, "undecided": False}
    assert "masks" not in seen_before
    assert '"masks"' in seen_after


async def test_masks_that_cannot_be_or_were_decided_meanwhile_are_refused_with_the_reason(
    town: Installation,
) -> None:
    _, crossing = await decide(town, [[[0, 0], [1, 1], [1, 0], [0, 1]]])
    _, turning = await decide(town, [SQUARE], by_camera=True)
    await decide(town, [], by_camera=True)
    status, late = await decide(town, [SQUARE])

    assert crossing["type"] == turning["type"] == "/problems/invalid-mask"
    assert turning["detail"].startswith("This camera masks itself")
    assert (status, late["type"]) == (409, "/problems/masks-changed")


async def test_the_bare_picture_is_given_with_a_row_in_the_register_and_where_the_law_gives_one(
    town: Installation, media: NotedMedia
) -> None:
    await decide(town, [SQUARE])
    path, token = f"{CAMERA}/masks/picture", TOWN.token("administrator")
    status, jpeg = await town.ask("GET", path, token=token, params={"motive": "façade du 12"})

    assert (status, jpeg) == (200, media.still)
    assert (media.told[-1]["masks"], media.told[-1]["transcode"]) == ([], True)
    row = (await entries(town, "bare-still-viewed"))[-1]
    assert (row["motive"], row["actor"]) == (
        "façade du 12",
        f"person:{TOWN.person(Role.ADMINISTRATOR)}",
    )
    assert (await town.ask("GET", path, token=token))[0] == 422  # without a motive
    async with town.database.transaction() as t:
        await t.execute("UPDATE prefect_order SET ends_at = now() - interval '1 day'")
    status, problem = await town.ask("GET", path, token=token, params={"motive": "façade"})
    assert (status, problem["type"]) == (403, "/problems/no-order-in-force")
    assert len(await entries(town, "bare-still-viewed")) == 1


async def test_who_checks_the_address_of_a_masked_camera_sees_its_masks(
    town: Installation, media: NotedMedia
) -> None:
    await decide(town, [SQUARE])
    address = await town.database.value(
        "SELECT main_url FROM camera WHERE id = $1", UUID(TOWN.text("camera"))
    )
    at_its_port = address.replace("10.0.0.5", "10.0.0.5:554")
    for url, masks in (
        (address, [SQUARE]),
        (at_its_port, [SQUARE]),
        (at_its_port.replace("rtsp://", "RTSP://csu:x@"), [SQUARE]),
        ("rtsp://10.0.0.5/other", [SQUARE]),
        ("rtsp://10.0.0.5:8554", [SQUARE]),
        ("rtsp://10.0.0.55/other", []),
    ):
        body = {"main_url": url, "username": "csu", "password": "x"}
        await town.ask(
            "POST", "/api/v1/cameras/check", token=TOWN.token("administrator"), json=body
        )

        assert media.told[-1]["masks"] == masks
        assert (media.told[-1]["username"], media.told[-1]["password"]) == ("csu", "x")

    written = {"main_url": "rtsp://csu:a/b@10.0.0.5/other"}
    await town.ask("POST", "/api/v1/cameras/check", token=TOWN.token("administrator"), json=written)
    assert media.told[-1]["url"] == "rtsp://10.0.0.5/other"
    assert (media.told[-1]["username"], media.told[-1]["password"]) == ("csu", "a/b")
