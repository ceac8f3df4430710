"""Register: entries chained so that tampering shows (SHA-256 over the one before).

Consultations are logged with author, time, motive and recipient (CSI R.241-14).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from domain.canonical import canonical, utc_text
from domain.identifiers import CommuneId

GENESIS = bytes(32)


class Action(StrEnum):
    SIGN_IN = "sign-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGN_OUT = "sign-out"
    VIEWING_STARTED = "viewing-started"
    VIEWING_ENDED = "viewing-ended"
    STILL_VIEWED = "still-viewed"
    TRACK_VIEWED = "track-viewed"
    PUBLICATION_STARTED = "publication-started"
    PUBLICATION_ENDED = "publication-ended"
    ALERT_RAISED = "alert-raised"
    ALERT_CONFIRMED = "alert-confirmed"
    ALERT_DISMISSED = "alert-dismissed"
    ALERT_REOPENED = "alert-reopened"
    ALERT_SENT = "alert-sent"
    ALERT_ACKNOWLEDGED = "alert-acknowledged"
    GUIDANCE_SENT = "guidance-sent"
    CONFIGURATION_CHANGED = "configuration-changed"
    AUTHORISATION_RECORDED = "authorisation-recorded"
    AUTHORISATION_REVOKED = "authorisation-revoked"
    DETECTION_SUSPENDED = "detection-suspended"
    DETECTION_RESUMED = "detection-resumed"
    EVALUATION_TAKEN = "evaluation-taken"
    DEVICE_ENROLLED = "device-enrolled"
    DEVICE_REVOKED = "device-revoked"
    ACCESS_REVOKED = "access-revoked"
    REGISTER_READ = "register-read"
    PURGED = "purged"
    MASKS_DECIDED = "masks-decided"
    BARE_STILL_VIEWED = "bare-still-viewed"
    RECORDING_VIEWED = "recording-viewed"
    LOOKS_FOLLOWED = "looks-followed"
    RULES_TRIED = "rules-tried"
    STILL_EXPORTED = "still-exported"
    CLIP_EXPORTED = "clip-exported"
    CLIP_MADE = "clip-made"
    CLIP_FETCHED = "clip-fetched"
    HOLD_PLACED = "hold-placed"
    HOLD_LIFTED = "hold-lifted"
    VOLUME_LOST = "volume-lost"
    RECORDINGS_DESTROYED = "recordings-destroyed"
    CAMERA_TAKEN = "camera-taken"
    TOUR_STARTED = "tour-started"
    TOUR_STOPPED = "tour-stopped"
    TALK_STARTED = "talk-started"
    TALK_ENDED = "talk-ended"
    BACKED_UP = "backed-up"
    RESTORED = "restored"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is about to be written: who did what, to what, why. ``data`` is plain JSON."""

    at: datetime
    actor: str
    action: Action
    about: str
    commune_id: CommuneId | None = None
    motive: str = ""
    data: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Chained:
    """An entry in the book, with its number and the two hashes that hold it there."""

    number: int
    entry: Entry
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What reading the whole book gave; ``broken_at``: the first number that does not hold."""

    checked: int
    head: bytes
    broken_at: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        return self.broken_at is None


def hashed(number: int, entry: Entry) -> bytes:
    """The bytes that an entry's hash is of."""
    return canonical(
        {
            "number": number,
            "at": utc_text(entry.at),
            "actor": entry.actor,
            "action": entry.action.value,
            "about": entry.about,
            "commune": str(entry.commune_id) if entry.commune_id else None,
            "motive": entry.motive,
            "data": entry.data,
        }
    )


def chain(number: int, entry: Entry, *, previous_hash: bytes) -> Chained:
    digest = sha256(previous_hash + hashed(number, entry)).digest()
    return Chained(number=number, entry=entry, previous_hash=previous_hash, hash=digest)


class Reading:
    """Reads a chain link by link, from its first entry; stops caring at the first that is wrong."""

    def __init__(self) -> None:
        self._checked = 0
        self._head = GENESIS
        self._reason = ""

    def read(self, link: Chained) -> bool:
        """Take in the next link; False when it, or one before it, does not hold."""
        if self._reason:
            return False
        self._checked += 1
        if link.number != self._checked:
            self._reason = "an entry is missing"
        elif link.previous_hash != self._head:
            self._reason = "the chain is cut here"
        elif chain(link.number, link.entry, previous_hash=self._head).hash != link.hash:
            self._reason = "the entry was changed"
        else:
            self._head = link.hash
        return not self._reason

    def refuse(self, reason: str) -> None:
        """Note that the entry after the last one read can't be read, or should not be missing."""
        if not self._reason:
            self._checked += 1
            self._reason = reason

    def verification(self) -> Verification:
        broken_at = self._checked if self._reason else None
        return Verification(
            checked=self._checked, head=self._head, broken_at=broken_at, reason=self._reason
        )


def verify(entries: Iterable[Chained], *, expected_head: bytes | None = None) -> Verification:
    """Read the chain from its first entry.

    ``expected_head`` is the head's hash as kept elsewhere: without it a cut tail does not show.
    """
    reading = Reading()
    for link in entries:
        if not reading.read(link):
            break
    found = reading.verification()
    if found.holds and expected_head is not None and found.head != expected_head:
        reading.refuse("the end was cut off")
    return reading.verification()
