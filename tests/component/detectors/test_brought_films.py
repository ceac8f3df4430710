"""Films that somebody brings: what they are, what is refused, and which pictures are decoded."""

import io
from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction

import pytest

from detectors import film_survey
from detectors.film_reading import BEGINS as AT
from detectors.film_reading import Decoded, FilmReading
from detectors.film_survey import survey
from domain.errors import DomainError
from domain.trials import FilmTooLarge, Hours, NoPictures, NotAFilm, WrongCodec
from tests.component.films import FPS, film_file, remuxed, sound_file

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\n"


def given(
    file: bytes, covered: list[Hours] | None = None, period: timedelta = SECOND / FPS
) -> FilmReading:
    film = io.BytesIO(file)
    found = survey(film, longest=MINUTE)
    film.seek(0)
    covered = [Hours(AT, AT + MINUTE)] if covered is None else covered
    return FilmReading(film, found, covered=covered, period=period)


def times_of(given: Iterable[Decoded | Hours | None]) -> list[float]:
    return [round((one.at - AT) / SECOND, 2) for one in given if isinstance(one, Decoded)]


@pytest.mark.parametrize(
    ("form", "codec", "starts_at_s"),
    [("mp4", "libx264", 0), ("matroska", "libx264", 7), ("mp4", "libx265", 0)],
)
def test_pictures_count_from_the_first_one_at_the_rate_of_looks(
    form: str, codec: str, starts_at_s: int
) -> None:
    file = film_file(form=form, codec=codec, starts_at_s=starts_at_s)

    assert survey(io.BytesIO(file), longest=MINUTE).lasts == 4 * SECOND
    assert times_of(given(file)) == [number / FPS for number in range(4 * FPS)]
    assert len(times_of(given(file, period=SECOND / 2))) in (8, 9)  # some come a little early


def test_pictures_that_come_out_of_their_order_in_the_file_are_all_there() -> None:
    file = film_file(b_frames=2)

    assert len(times_of(given(file))) == 4 * FPS


def test_sound_is_passed_over() -> None:
    assert len(times_of(given(film_file(has_sound=True)))) == 4 * FPS


def test_what_no_act_covers_is_not_decoded_nor_what_hangs_on_it() -> None:
    file = film_file()
    # From within the second of a keyframe on, and again in the last one.
    hours = [Hours(AT + 0.5 * SECOND, AT + 2 * SECOND), Hours(AT + 3 * SECOND, AT + MINUTE)]
    reading = given(file, hours)

    assert set(times_of(reading)) == {n / FPS for n in range(10, 20)} | {
        n / FPS for n in range(30, 40)
    }
    assert reading.decoded == 2 * FPS
    assert list(given(file, [])) == []


def test_whoever_reads_is_asked_again_and_again_while_nothing_is_due() -> None:
    later = [Hours(AT + 8 * SECOND, AT + MINUTE)]

    assert list(given(film_file(seconds=9), later))[:1] == [None]


@pytest.mark.parametrize(
    ("file", "refused"),
    [
        (b"", NotAFilm),
        (bytes(5000), NotAFilm),
        (PLAYLIST, NotAFilm),
        (CONCAT, NotAFilm),
        (film_file()[:300], NotAFilm),
        (sound_file(), NoPictures),
        (film_file(form="webm", codec="libvpx", seconds=1), WrongCodec),
        (film_file(seconds=70), FilmTooLarge),
    ],
    ids=["empty", "zeros", "playlist", "concat", "no-index", "sound", "codec", "long"],
)
def test_what_is_no_film_of_ours_is_refused_by_what_is_wrong(
    file: bytes, refused: type[DomainError]
) -> None:
    with pytest.raises(refused):
        survey(io.BytesIO(file), longest=MINUTE)


def test_a_film_of_times_that_are_no_dates_is_refused() -> None:
    file = film_file(form="mov", seconds=1, starts_at_s=10**11)
    with pytest.raises(NotAFilm, match="times"):
        survey(io.BytesIO(file), longest=MINUTE)


def test_pictures_of_a_huge_size_are_refused_before_one_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(film_survey, "MOST_PIXELS", 160 * 90 - 1)
    with pytest.raises(FilmTooLarge, match="160 by 90"):
        survey(io.BytesIO(film_file()), longest=MINUTE)


def test_a_film_that_breaks_off_is_tried_up_to_there() -> None:
    file = film_file(form="matroska")

    assert 1 < len(times_of(given(file[: len(file) // 2]))) < 4 * FPS


def test_what_is_damaged_is_said_and_the_rest_is_looked_at() -> None:
    file = bytearray(film_file(size=(640, 360), form="mp4"))
    begins = file.index(b"mdat") + 4
    # Of the second keyframe and what follows in its second, the lengths of their units.
    for at in range(begins + (len(file) - begins) // 4, begins + (len(file) - begins) // 2):
        file[at] = 0xFF
    found = list(given(bytes(file)))

    assert any(isinstance(one, Hours) for one in found)
    assert times_of(found)[-1] >= 3


@pytest.mark.parametrize("beside", [[film_file(seconds=1)], [sound_file()] * 20])
def test_a_film_of_several_pictures_or_many_streams_is_refused(beside: list[bytes]) -> None:
    with pytest.raises(NotAFilm):
        survey(io.BytesIO(remuxed(*beside)), longest=MINUTE)


def test_a_packet_that_is_no_picture_by_its_size_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(film_survey, "MOST_PACKET_BYTES", 100)
    with pytest.raises(FilmTooLarge, match="larger than any"):
        survey(io.BytesIO(film_file()), longest=MINUTE)


def test_what_other_streams_hold_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    file = remuxed(*[sound_file()] * 3)
    assert survey(io.BytesIO(file), longest=5 * SECOND).lasts == 4 * SECOND

    monkeypatch.setattr(film_survey, "MOST_PER_S", 8)
    with pytest.raises(FilmTooLarge):
        survey(io.BytesIO(file), longest=5 * SECOND)


def test_what_its_edit_list_leaves_out_moves_no_picture() -> None:
    file = remuxed(earlier_s=Fraction(1, 2))

    assert survey(io.BytesIO(file), longest=MINUTE).lasts == 3.5 * SECOND
    assert times_of(given(file, [Hours(AT - MINUTE, AT + MINUTE)]))[:2] == [0, 0.1]
