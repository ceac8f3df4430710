"""An evaluation says what the pages say, in both languages, of every kind an act may name."""

import re
from pathlib import Path

import pytest

from domain.alerts import DismissalReason
from domain.events import BY_HAND, DECREE_2023_828
from domain.rules import TYPES
from server.http.evaluation_words import KINDS, REASONS, WORDS, Language, is_one

PAGES = Path(__file__).parents[2] / "web" / "shared" / "i18n"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_kinds_and_reasons_are_called_as_on_the_pages(language: Language) -> None:
    text = (PAGES / f"{language}.ts").read_text("utf-8")
    said = dict(re.findall(r'"((?:kind|dismissal)\.[a-z-]+)": "([^"]+)"', text))

    for kind, word in KINDS[language].items():
        assert word == said[f"kind.{kind.value}"]
    for reason, word in REASONS[language].items():
        assert word == said[f"dismissal.{reason.value}"]


def test_nothing_is_left_without_a_word() -> None:
    assert WORDS["fr"].keys() == WORDS["en"].keys()
    for language in ("fr", "en"):
        assert KINDS[language].keys() >= DECREE_2023_828 | TYPES.keys()
        assert KINDS[language].keys() < BY_HAND
        assert REASONS[language].keys() == set(DismissalReason)


def test_a_noun_goes_with_its_number_as_the_language_has_it() -> None:
    assert [is_one(value, "fr") for value in (0, 1, 1.5, 2)] == [True, True, True, False]
    assert [is_one(value, "en") for value in (0, 1, 1.5, 2)] == [False, True, False, False]
