"""What a media process, or an edge that was taken over, says when it refuses."""

import pytest

from domain.errors import Unavailable
from domain.streams import TooManyRenditions
from server.http.refusals import refusal_of


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"[" * 200_000, b'{"type":1}'])
def test_a_refusal_that_can_not_be_read_is_one_to_try_again(body: bytes) -> None:
    assert isinstance(refusal_of(500, body), Unavailable)


def test_a_media_process_that_renders_all_it_may_is_told_as_such() -> None:
    body = b'{"type": "/problems/too-many-renditions", "detail": "16 streams"}'
    assert isinstance(refusal_of(503, body), TooManyRenditions)
