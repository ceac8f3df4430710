"""Every kind of event that a rule can watch for has its words on the page, in both languages."""

import re
from pathlib import Path

from domain.resting import Rests
from domain.rules import TYPES, LegalList, Service

RULES = Path(__file__).parents[2] / "web/control_room/administration/rules"
WORDS, WATCHING = RULES / "kind_words.ts", RULES.parents[1] / "watching/words.ts"
KEY = re.compile(r'^  "(?P<key>[^"]+)": "', re.MULTILINE)


def test_the_page_has_words_for_all_that_a_kind_declares() -> None:
    declared = {f"list.{one}" for one in LegalList} | {f"service.{one}" for one in Service}
    for kind, declares in TYPES.items():
        declared |= {f"evidence.{kind}", f"limits.{kind}"}
        declared |= {f"threshold.{one.name}" for one in declares.thresholds}
        # A share is a number without a unit.
        declared |= {f"unit.{one.unit}" for one in declares.thresholds if one.unit != "1"}

    french, english = WORDS.read_text().split("const en: typeof fr = {")
    for said in (french, english):
        assert declared - set(KEY.findall(said)) == set(), "words are missing in kind_words.ts"


def test_whoever_looks_is_told_in_words_why_a_rule_rests() -> None:
    french, english = WATCHING.read_text().split("const en: typeof fr = {")
    for said in (french, english):
        assert {f"rests.{why}" for why in Rests} - set(KEY.findall(said)) == set()
