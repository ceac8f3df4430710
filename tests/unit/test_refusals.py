"""What a media process, or an edge that was taken over, says when it refuses."""

import pytest

from domain.errors import Unavailable
from server.http.refusals import refusal_of


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"[" * 200_000, b'{"type":1}'])
def test_a_refusal_that_can_not_be_read_is_one_to_try_again(body: bytes) -> None:
    assert isinstance(refusal_of(500, body), Unavailable)
