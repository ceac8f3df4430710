"""What media processes refuse, as control says it: in their own words, where it knows the code."""

import json
import logging

from domain.errors import Conflict, DomainError, Invalid, Unavailable
from domain.recordings import RecordingDamaged
from domain.streams import (
    BadSessionDescription,
    ManyConnecting,
    NoCommonCodec,
    PictureUnreadable,
    SentTooFast,
    SessionExists,
    SessionNotFound,
    StaleSession,
    StreamNotFound,
    StreamOffline,
    StreamTaken,
    TooManyRenditions,
    TooManyViewers,
)
from domain.talks import BadAnnouncement, LoudspeakerAway, NoLoudspeaker
from domain.trials import (
    FilmTooLarge,
    NoPictures,
    NotAFilm,
    TooManyTrials,
    WrongCodec,
    YourTrialRuns,
)

logger = logging.getLogger(__name__)

#: What a media or a detect process may refuse, by the code of its problem.
REFUSALS: dict[str, type[DomainError]] = {
    error.code: error
    for error in (
        BadAnnouncement,
        BadSessionDescription,
        Conflict,
        FilmTooLarge,
        Invalid,
        LoudspeakerAway,
        ManyConnecting,
        NoCommonCodec,
        NoLoudspeaker,
        NoPictures,
        NotAFilm,
        PictureUnreadable,
        RecordingDamaged,
        SentTooFast,
        SessionExists,
        SessionNotFound,
        StaleSession,
        StreamNotFound,
        StreamOffline,
        StreamTaken,
        TooManyRenditions,
        TooManyTrials,
        TooManyViewers,
        Unavailable,
        WrongCodec,
        YourTrialRuns,
    )
}


def refusal_of(status: int, body: bytes) -> DomainError:
    try:
        problem = json.loads(body)
        code, detail = problem["type"].rpartition("/")[2], str(problem.get("detail", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        code, detail = "", ""
    if (refused := REFUSALS.get(code)) is not None:
        return refused(detail[:500])
    logger.error("a media process answered %d (%s)", status, code)
    return Unavailable("the media process could not do it; try again")
