"""The pictures of a film that somebody has brought, as a live stream gives them.

A process of its own decodes it. What that says is not believed: a picture of hours that it was not
given is none, and masks are painted over here.
"""

import asyncio
import json
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO

from av.video.frame import VideoFrame

from detectors.executor import Worker
from detectors.film_messages import (
    HEAD,
    NEXT,
    Kind,
    Picture,
    filled,
    head_of,
    hours_in,
    orders,
    picture_in,
)
from detectors.film_process import PYTHON, running
from detectors.film_survey import REFUSALS, Survey
from detectors.frames import DecodedFrame
from detectors.metrics import FRAMES_DECODED, FRAMES_DROPPED
from detectors.recordings import Paint
from domain.errors import DomainError
from domain.masks import Mask
from domain.trials import FilmNotDecoded, Hours

logger = logging.getLogger(__name__)

ANSWERED_WITHIN_S = 300.0
"""It answers each second, but has only what all others leave of the processor."""
DECODER = (*PYTHON, "detectors.film_decoder")


async def pictures_in(
    film: BinaryIO,
    survey: Survey,
    *,
    filmed_at: datetime,
    covered: Sequence[Hours],
    period: timedelta,
    worker: Worker,
    masks: Sequence[Mask] = (),
) -> AsyncGenerator[DecodedFrame | Hours | None]:
    """Give a picture each ``period``, the first of all at ``filmed_at``, in ``covered`` hours.

    What lies outside of those is not decoded, nor is anything that was not asked for yet. Hours are
    those that are damaged; None: nothing yet. Raises ``NoPictures``, ``FilmNotDecoded``,
    ``Unavailable``, and what ``opened`` does. Who asks closes this (``aclosing``).
    """
    if not covered:
        return
    handle, paint = film.fileno(), Paint(masks)
    words = orders(survey, filmed_at=filmed_at, covered=covered, period=period)
    async with running((*DECODER, str(handle)), stdin=PIPE, handles=[handle]) as process:
        while True:
            kind, body = await _asked(process, words + NEXT)
            words = b""
            if kind is Kind.OVER:
                return
            if kind is Kind.REFUSED:
                raise _refusal(body)
            if kind is Kind.PICTURE:
                picture, at = _picture(body, filmed_at, covered)
                yield DecodedFrame(await worker.run(partial(_painted, picture, paint)), at)
            elif kind is Kind.DAMAGED:
                FRAMES_DROPPED.labels("damaged").inc()
                yield _hours(body, filmed_at, filmed_at + survey.lasts)
            else:
                yield None


async def _asked(process: Process, words: bytes) -> tuple[Kind, bytes]:
    into, out = process.stdin, process.stdout
    if into is None or out is None:
        raise TypeError("the decoder was given no pipes")
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            into.write(words)
            await into.drain()
            kind, decoded, length = head_of(await out.readexactly(HEAD.size))
            body = await out.readexactly(length)
    except TimeoutError as error:
        raise FilmNotDecoded("its decoder does not answer") from error
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise FilmNotDecoded("its decoder crashed, or took too much memory or time") from error
    except ValueError as error:
        raise _astray() from error
    FRAMES_DECODED.inc(decoded)
    return kind, body


def _picture(
    body: bytes, filmed_at: datetime, covered: Sequence[Hours]
) -> tuple[Picture, datetime]:
    try:
        picture = picture_in(body)
        at = filmed_at + picture.after
    except (ValueError, OverflowError) as error:
        raise _astray() from error
    if not any(hours.starts_at <= at < hours.ends_at for hours in covered):
        raise FilmNotDecoded("its decoder shows what it was not asked for")
    return picture, at


def _hours(body: bytes, begins: datetime, ends: datetime) -> Hours:
    try:
        since, until = (min(max(begins + at, begins), ends) for at in hours_in(body))
    except (ValueError, OverflowError) as error:
        raise _astray() from error
    logger.warning("a film is damaged for %s", until - since)
    return Hours(since, max(since, until))


def _refusal(body: bytes) -> DomainError:
    try:
        code, detail = json.loads(body)
        return REFUSALS[code](str(detail)[:500])
    except (ValueError, LookupError, TypeError, RecursionError):
        return _astray()


def _astray() -> FilmNotDecoded:
    return FilmNotDecoded("its decoder says what is no answer")


def _painted(picture: Picture, paint: Paint) -> VideoFrame:
    return paint.over(filled(picture))
