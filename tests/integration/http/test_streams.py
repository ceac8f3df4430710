"""Live pictures: authorised, noted before the first one, forwarded, and ended with the right."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.identifiers import CameraId, GrantId, InterventionId, ShiftId, StreamId
from domain.people import Role
from server.database.cameras import Cameras
from server.database.interventions import Interventions
from server.database.leases import PgLeases
from server.database.people import People
from server.database.units import Shifts
from server.http.app import utc_now
from server.secrets import InstallationKey
from tests.integration.http.conftest import Installation
from tests.integration.http.town import HOLDER, NEIGHBOUR, TOWN
from tests.servers.media import ANSWER, NotedMedia

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
OFFER = b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\n"


def camera_stream() -> str:
    return TOWN.text("camera-stream")


async def watch(town: Installation, who: str = "operator", **said: Any) -> tuple[int, Any, str]:
    """Watch the camera; give status, answer and Location."""
    async with town.client.post(
        f"/api/v1/streams/{camera_stream()}/whep",
        headers={"Authorization": f"Bearer {TOWN.token(who)}", **SDP},
        data=OFFER,
        **said,
    ) as answer:
        text: Any = await answer.text()
        if answer.content_type == "application/problem+json":
            text = await answer.json(content_type=None)
        return answer.status, text, answer.headers.get("Location", "")


async def publish(town: Installation, **query: str) -> tuple[int, Any, str]:
    async with town.client.post(
        "/api/v1/whip",
        headers={"Authorization": f"Bearer {TOWN.token('device')}", **SDP},
        params={"reason": "officers-threatened"} | query,
        data=OFFER,
    ) as answer:
        text: Any = await answer.text()
        if answer.content_type == "application/problem+json":
            text = await answer.json(content_type=None)
        return answer.status, text, answer.headers.get("Location", "")


async def entries(town: Installation, action: str) -> list[Any]:
    rows = await town.database.rows(
        "SELECT * FROM register WHERE action = $1 ORDER BY number", action
    )
    return list(rows)


async def test_a_viewing_is_in_the_register_with_its_motive(
    town: Installation, media: NotedMedia
) -> None:
    before = len(await entries(town, "viewing-started"))
    status, text, location = await watch(town, params={"motive": "attroupement"})
    entry = (await entries(town, "viewing-started"))[-1]

    assert (status, text) == (201, ANSWER)
    viewing = location.removeprefix("/api/v1/viewings/")
    assert media.asked == [("POST", f"/streams/{camera_stream()}/whep")]
    assert len(await entries(town, "viewing-started")) == before + 1
    assert (entry["motive"], viewing in entry["data"]) == ("attroupement", True)
    assert entry["actor"] == f"person:{TOWN.person(Role.OPERATOR)}"


async def test_without_a_stated_motive_the_wall_s_is_kept(
    town: Installation, media: NotedMedia
) -> None:
    await watch(town)

    assert (await entries(town, "viewing-started"))[-1]["motive"] == "surveillance générale"


@pytest.mark.parametrize(
    ("refuses", "status", "code"),
    [
        ((406, "no-common-codec"), 406, "no-common-codec"),
        ((400, "bad-session-description"), 400, "bad-session-description"),
        ((409, "stream-offline"), 409, "stream-offline"),
        ((503, "too-many-viewers"), 503, "too-many-viewers"),
        ((500, "internal"), 503, "unavailable"),
    ],
)
async def test_what_the_media_process_refuses_is_told_and_nobody_watches(
    town: Installation, media: NotedMedia, refuses: tuple[int, str], status: int, code: str
) -> None:
    media.refuses = refuses
    got, problem, _ = await watch(town)

    assert (got, problem["type"]) == (status, f"/problems/{code}")
    ended = (await entries(town, "viewing-ended"))[-1]
    assert ended["actor"] == f"person:{TOWN.person(Role.OPERATOR)}"


async def test_what_is_measured_of_a_camera_is_told_to_who_manages_it(
    town: Installation, media: NotedMedia
) -> None:
    measured: dict[str, object] = {"up": True, "codec": "h265", "kbit_per_s": 4000, "restarts": 2}
    unknown = ("pictures_per_s", "gop_s", "lost", "jumps", "clock_offset_s", "drift_ppm")
    measured |= dict.fromkeys(unknown)
    media.statistics = measured | {"camera_id": "not for pages"}
    path = f"/api/v1/cameras/{TOWN.text('camera')}/vitals"

    assert await town.ask("GET", path, token=TOWN.token("administrator")) == (200, measured)
    assert ("GET", f"/streams/{camera_stream()}/camera") in media.asked


async def test_a_camera_that_nobody_runs_is_offline(town: Installation) -> None:
    status, problem, _ = await watch(town)

    assert (status, problem["type"]) == (409, "/problems/stream-offline")


async def test_without_an_order_in_force_there_is_no_picture(
    town: Installation, media: NotedMedia
) -> None:
    async with town.database.transaction() as t:
        await t.execute("UPDATE prefect_order SET ends_at = now() - interval '1 day'")
    status, problem, _ = await watch(town)

    assert (status, problem["type"]) == (403, "/problems/no-order-in-force")
    # A DELETE may be there: what was watched before the order ended is ended too.
    assert not [path for method, path in media.asked if method == "POST"]


async def test_candidates_and_the_end_reach_the_session_of_the_viewer_alone(
    town: Installation, media: NotedMedia
) -> None:
    _, _, location = await watch(town)
    viewing = location.rpartition("/")[2]
    for who, expected in (("dispatcher", 404), ("device", 404), ("operator", 204)):
        status, _ = await town.ask(
            "PATCH", location, token=TOWN.token(who), data=b"a=candidate:1", headers=FRAGMENT
        )
        assert status == expected
    status, _ = await town.ask("DELETE", location, token=TOWN.token("operator"))

    assert status == 200
    assert media.asked[1:] == [
        ("PATCH", f"/sessions/{viewing}"),
        ("DELETE", f"/sessions/{viewing}"),
    ]


async def test_a_viewing_ends_at_once_with_the_habilitation(
    town: Installation, media: NotedMedia
) -> None:
    _, _, location = await watch(town)
    await People(town.database).revoke_grant(
        TOWN.person(Role.OPERATOR),
        GrantId(TOWN.id("grant-operator")),
        actor="system",
        at=utc_now(),
    )

    await media.wait_for("DELETE", f"/sessions/{location.rpartition('/')[2]}")


async def test_a_viewing_ends_when_its_camera_is_taken_out_of_use(
    town: Installation, media: NotedMedia
) -> None:
    _, _, location = await watch(town)
    vault = InstallationKey.open(town.data_dir).vault
    await Cameras(town.database, vault=vault).change(
        CameraId(TOWN.id("camera")),
        lambda camera: replace(camera, disabled_at=utc_now()),
        actor="system",
        at=utc_now(),
    )

    await media.wait_for("DELETE", f"/sessions/{location.rpartition('/')[2]}")


async def test_a_phone_watches_on_shift_and_no_longer(
    town: Installation, media: NotedMedia
) -> None:
    status, _, location = await watch(town, "device")
    assert status == 201
    at = utc_now()
    await Shifts(town.database).change(
        ShiftId(TOWN.id("shift")), lambda shift: shift.end(at=at), actor="system", at=at
    )

    await media.wait_for("DELETE", f"/sessions/{location.rpartition('/')[2]}")
    assert (await watch(town, "device"))[0] == 403


async def test_a_phone_goes_live_for_a_stated_threat_and_is_its_intervention_s(
    town: Installation, media: NotedMedia
) -> None:
    status, text, location = await publish(town)
    stream_id = UUID(location.partition("?")[0].rpartition("/")[2])
    row = await town.database.row("SELECT * FROM patrol_stream WHERE id = $1", stream_id)

    assert (status, text) == (201, ANSWER)
    assert row is not None
    assert (row["reason"], row["intervention_id"]) == (
        "officers-threatened",
        TOWN.id("intervention"),
    )
    assert ("POST", f"/streams/{stream_id}/whip") in media.asked
    status, _ = await town.ask(
        "PATCH", location, token=TOWN.token("device"), data=b"a=candidate:1", headers=FRAGMENT
    )
    assert status == 204


async def test_a_phone_goes_on_with_its_own_stream_after_a_tunnel(
    town: Installation, media: NotedMedia
) -> None:
    _, _, first = await publish(town)
    stream_id = first.partition("?")[0].rpartition("/")[2]
    status, _, again = await publish(town, stream=stream_id)

    assert (status, again.partition("?")[0]) == (201, first.partition("?")[0])
    assert again != first  # another session of the same stream
    status, problem, _ = await publish(town, stream=NEIGHBOUR.text("stream"))
    assert (status, problem["type"]) == (404, "/problems/not-found")


async def test_a_stream_that_never_began_is_over(town: Installation, media: NotedMedia) -> None:
    media.refuses = (406, "no-common-codec")
    status, problem, _ = await publish(town)
    assert (status, problem["type"]) == (406, "/problems/no-common-codec")

    _, streams = await town.ask("GET", "/api/v1/streams", token=TOWN.token("operator"))
    assert streams == []


@pytest.mark.parametrize("reason", ["", "curiosity"])
async def test_without_a_threat_there_is_no_live(
    town: Installation, media: NotedMedia, reason: str
) -> None:
    status, problem, _ = await publish(town, reason=reason)

    assert (status, problem["errors"][0]["where"]) == (422, "?reason")
    assert media.asked == []


async def test_no_live_on_a_break(town: Installation, media: NotedMedia) -> None:
    at = utc_now()
    await Shifts(town.database).change(
        ShiftId(TOWN.id("shift")), lambda shift: shift.take_break(at=at), actor="system", at=at
    )
    status, problem, _ = await publish(town)

    assert (status, problem["type"]) == (403, "/problems/on-break")


async def test_a_stream_ends_with_its_intervention(town: Installation, media: NotedMedia) -> None:
    _, _, location = await publish(town)
    stream_id = location.partition("?")[0].rpartition("/")[2]
    at = utc_now()
    await Interventions(town.database).change(
        InterventionId(TOWN.id("intervention")),
        lambda one: one.close(by=None, at=at),
        actor="system",
    )

    await media.wait_for("DELETE", f"/streams/{stream_id}")
    status, _, _ = await publish(town, stream=stream_id)
    assert status == 404


async def test_a_media_process_that_hangs_gives_a_clear_answer(
    town: Installation, media: NotedMedia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.http.media.LIMIT_S", 0.2)
    media.hangs = True
    async with asyncio.timeout(60.0):
        status, answer = await town.ask(
            "GET", f"/api/v1/cameras/{TOWN.text('camera')}/still", token=TOWN.token("operator")
        )

    assert (status, answer["type"]) == (503, "/problems/unavailable")


async def test_a_still_is_noted_before_it_is_given(town: Installation, media: NotedMedia) -> None:
    path = f"/api/v1/cameras/{TOWN.text('camera')}/still"
    status, picture = await town.ask(
        "GET", path, token=TOWN.token("operator"), params={"motive": "plainte"}
    )

    assert (status, picture) == (200, media.still)
    assert (await entries(town, "still-viewed"))[-1]["motive"] == "plainte"


async def test_who_draws_zones_sees_the_picture_and_only_where_the_law_gives_one(
    town: Installation, media: NotedMedia
) -> None:
    path, token = f"/api/v1/cameras/{TOWN.text('camera')}/still", TOWN.token("administrator")
    assert (await town.ask("GET", path, token=token)) == (200, media.still)
    assert (await entries(town, "still-viewed"))[-1]["motive"] == "tracé de zone"
    async with town.database.transaction() as t:
        await t.execute("UPDATE prefect_order SET ends_at = now() - interval '1 day'")

    status, problem = await town.ask("GET", path, token=token)
    assert (status, problem["type"]) == (403, "/problems/no-order-in-force")


async def test_an_alert_by_hand_takes_its_picture_and_its_place_from_the_camera(
    town: Installation, media: NotedMedia
) -> None:
    body = {
        "commune_id": str(TOWN.commune),
        "kind": "theft",
        "camera_id": TOWN.text("camera"),
    }
    status, alert = await town.ask(
        "POST", "/api/v1/alerts", token=TOWN.token("operator"), json=body
    )

    assert (status, alert["state"], alert["still"]) == (201, "confirmed", True)
    assert (alert["place"], alert["point"]["coordinates"]) == ("rue Haute", [3.06, 50.63])
    path = f"/api/v1/alerts/{alert['id']}/still"
    assert (await town.ask("GET", path, token=TOWN.token("operator")))[1] == media.still


async def test_an_alert_by_hand_does_not_wait_for_a_picture(
    town: Installation, media: NotedMedia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.http.stills.PATIENCE_S", 0.1)
    media.hangs = True
    body = {
        "commune_id": str(TOWN.commune),
        "kind": "theft",
        "camera_id": TOWN.text("camera"),
    }
    status, alert = await town.ask(
        "POST", "/api/v1/alerts", token=TOWN.token("operator"), json=body
    )

    assert (status, alert["still"]) == (201, False)


async def test_who_is_not_of_the_intervention_does_not_see_the_patrol(
    town: Installation, media: NotedMedia
) -> None:
    """The command post does; the neighbour's people and devices do not even know of it."""
    path = f"/api/v1/streams/{TOWN.text('stream')}/whep"
    leases = PgLeases(town.database, holder=HOLDER)
    await leases.acquire(f"stream:{StreamId(TOWN.id('stream'))}")
    for token, expected in (
        (TOWN.token("operator"), 201),
        (TOWN.token("device"), 201),
        (TOWN.token("auditor"), 403),
        (NEIGHBOUR.token("operator"), 404),
        (NEIGHBOUR.token("device"), 404),
    ):
        status, _ = await town.ask("POST", path, token=token, data=OFFER, headers=SDP)

        assert status == expected
