"""One at a time at a loudspeaker, and never for long."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.identifiers import AnnouncementId, CameraId, CommuneId, PersonId, TalkId
from domain.people import PERMISSIONS, Permission, Role
from domain.talks import (
    FREE_AFTER,
    Announcement,
    BadAnnouncement,
    LoudspeakerTaken,
    Spoken,
    Talk,
    check_free,
)

NOW = datetime(2026, 3, 1, 21, 14, tzinfo=UTC)
S = timedelta(seconds=1)


def talk(**said: object) -> Talk:
    given = {
        "id": TalkId(uuid4()),
        "camera_id": CameraId(uuid4()),
        "commune_id": CommuneId(uuid4()),
        "person_id": PersonId(uuid4()),
        "motive": "dépôt sauvage",
        "started_at": NOW,
    }
    return Talk(**given | said)  # type: ignore[arg-type]  # each is of its field


def test_a_loudspeaker_is_taken_until_its_talk_ends() -> None:
    one = talk()
    with pytest.raises(LoudspeakerTaken) as refused:
        check_free(one, at=NOW + 119 * S)

    assert refused.value.holder == one.person_id
    check_free(None, at=NOW)
    check_free(one.end(at=NOW + S, sounded=S), at=NOW + S)


def test_a_talk_whose_end_nobody_told_holds_it_no_longer_than_it_could_have_lasted() -> None:
    one = talk()

    assert one.is_on(NOW + FREE_AFTER - S)
    check_free(one, at=one.free_at)
    over = one.end(at=NOW + timedelta(hours=1), sounded=None)
    assert (over.ended_at, over.sounded) == (one.free_at, None)


def test_what_has_ended_stays_as_it_is() -> None:
    over = talk().end(at=NOW + 5 * S, sounded=4 * S)

    assert over.end(at=NOW + 9 * S, sounded=8 * S) == over
    assert talk().end(at=NOW - S, sounded=0 * S).ended_at == NOW  # a clock that was set back


def test_it_is_a_voice_or_an_announcement() -> None:
    assert talk().spoken is Spoken.VOICE
    assert talk(announcement_id=AnnouncementId(uuid4())).spoken is Spoken.ANNOUNCEMENT


@pytest.mark.parametrize(
    ("name", "text", "lasts"),
    [(" ", "Partez.", S), ("Parc", "", S), ("Parc", "Partez.", 0 * S), ("Parc", "Partez.", 61 * S)],
)
def test_an_announcement_has_a_name_its_words_and_an_end(
    name: str, text: str, lasts: timedelta
) -> None:
    with pytest.raises(BadAnnouncement):
        Announcement(
            id=AnnouncementId(uuid4()),
            commune_id=CommuneId(uuid4()),
            name=name,
            text=text,
            lasts=lasts,
        )


def test_the_room_speaks_and_a_supervisor_says_what_is_kept() -> None:
    speak, keep = Permission.SPEAK_THROUGH_CAMERAS, Permission.MANAGE_ANNOUNCEMENTS

    assert {role for role, may in PERMISSIONS.items() if speak in may} == {
        Role.OPERATOR,
        Role.DISPATCHER,
        Role.SUPERVISOR,
    }
    assert {role for role, may in PERMISSIONS.items() if keep in may} == {Role.SUPERVISOR}
