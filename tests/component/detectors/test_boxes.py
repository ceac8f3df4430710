"""A network's raw output: both forms, its doubles, and what is no output at all."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.boxes import OutputForm, UnknownForm, names_of, without_doubles

PERSON, CAR, TIE = 0, 2, 27


def raw(*things: tuple[float, float, float, float, int, float]) -> NDArray[np.float32]:
    """Centre x and y, width, height, class, score; a column each, among a hundred empty ones."""
    output = np.zeros((1, 84, 100), np.float32)
    for column, (x, y, width, height, number, score) in enumerate(things):
        output[0, :4, column * 7] = x, y, width, height
        output[0, 4 + number, column * 7] = score
    return output


def test_of_raw_output_the_wanted_classes_are_read_without_doubles() -> None:
    form = OutputForm({PERSON, CAR}, 80)
    output = raw(
        (100, 100, 40, 80, PERSON, 0.8),
        (102, 101, 40, 80, PERSON, 0.6),  # the same one again
        (100, 100, 40, 80, CAR, 0.5),  # another class in the same place is another thing
        (300, 100, 20, 20, TIE, 0.9),
        (200, 200, 20, 20, PERSON, 0.1),
    )

    rows = form.read(output, least_score=0.2)

    assert [(int(row[5]), round(float(row[4]), 1)) for row in rows] == [(PERSON, 0.8), (CAR, 0.5)]
    assert rows[0, :4].tolist() == [80, 60, 120, 140]


def test_output_that_is_ended_already_is_taken_as_it_is() -> None:
    output = np.zeros((1, 300, 6), np.float32)
    output[0, 0] = 10, 20, 30, 60, 0.7, PERSON
    output[0, 1] = 10, 20, 30, 60, 0.6, TIE

    for said in (True, None):
        rows = OutputForm({PERSON}, 80, said).read(output, least_score=0.2)
        assert rows.tolist() == [[10, 20, 30, 60, pytest.approx(0.7), PERSON]]


@pytest.mark.parametrize("shape", [(1, 80, 100), (84, 100), (2, 84, 100), (1, 100, 4)])
def test_an_output_of_another_form_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UnknownForm):
        OutputForm({PERSON}, 80).read(np.zeros(shape, np.float32), least_score=0.2)


def test_nothing_is_no_thing() -> None:
    assert OutputForm({PERSON}, 80).read(raw(), least_score=0.2).shape == (0, 6)
    assert without_doubles(np.empty((0, 6), np.float32)).shape == (0, 6)


def test_one_vehicle_of_two_classes_is_one_thing() -> None:
    rows = np.array(
        [(0, 0, 90, 40, 0.4, 2), (2, 0, 92, 41, 0.5, 7), (0, 0, 90, 40, 0.3, 0)], np.float32
    )

    kept = without_doubles(rows, alike=(2, 5, 7))

    assert kept[:, 5].tolist() == [7, 0]


def test_names_are_a_mapping_or_a_list() -> None:
    assert names_of({"0": "person"}) == names_of(["person"]) == {0: "person"}
    with pytest.raises(UnknownForm):
        names_of(None)
