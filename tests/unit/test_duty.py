"""Which part of the cameras is whose."""

from hypothesis import given
from hypothesis import strategies as st

from server.duty import part_of

HOLDERS = [f"media@host/{number}" for number in range(1, 10)]


@given(there=st.sets(st.sampled_from(HOLDERS), min_size=1), cameras=st.integers(0, 500))
def test_the_parts_make_up_the_whole_and_none_is_more_than_its_share(
    there: set[str], cameras: int
) -> None:
    parts = [part_of(holder, there, of=cameras) for holder in there]

    assert sum(parts) == cameras
    assert max(parts) <= -(-cameras // len(there))


def test_who_is_not_there_yet_counts_himself() -> None:
    assert part_of("media@b/1", {"media@a/1"}, of=5) == 2
    assert part_of("media@b/1", set(), of=5) == 5
