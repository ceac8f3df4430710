"""What another process of the installation answers with, as control reads it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from domain.errors import Unavailable
from server.http.schemas import Answer

logger = logging.getLogger(__name__)


def object_in(body: bytes) -> dict[str, Any]:
    """A JSON object, with whatever is in it. Raises ``Unavailable`` for anything else.

    What is not one came from something in between, or from a process of another version.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise unreadable()
    return said


@contextmanager
def as_told() -> Iterator[None]:
    """What the block takes out of such an answer is there and is what it should be.

    Raises ``Unavailable`` for anything else.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise unreadable() from error


def read_as[A: Answer](model: type[A], said: object) -> A:
    """What another process says, as a page is told it. Raises ``Unavailable``."""
    with as_told():
        return model.model_validate(said)


def unreadable() -> Unavailable:
    logger.error("another process answered with what is no answer of its kind")
    return Unavailable("another process of the installation did not answer properly; try again")
