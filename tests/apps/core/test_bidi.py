"""Text from right to left keeps to itself."""

from __future__ import annotations

import pytest

from apps.core.bidi import isolated

BEGIN, END = "\u2068", "\u2069"


@pytest.mark.parametrize("text", ["", "Fibre 500", "Straße – Großkunden", "日本語", "Скорость"])
def test_what_reads_from_left_to_right_is_left_alone(text):
    assert isolated(text) == text


@pytest.mark.parametrize("text", ["סיב 500", "ألياف", "a\u202egpj.exe", "a\u202db", "a\u200fb"])
def test_what_does_not_is_in_an_isolate_of_its_own(text):
    assert isolated(text) == f"{BEGIN}{text}{END}"


@pytest.mark.parametrize(
    "text", ["a\u2069\u202eb", "\u2067a", "\u2066\u2067a\u2069", "\u2069\u2069", "\u2068\u202e"]
)
def test_no_text_ends_the_isolate_that_it_is_in_or_leaves_one_open(text):
    depth, shown = 0, isolated(text)
    for position, sign in enumerate(shown):
        depth += (sign in "\u2066\u2067\u2068") - (sign == END)
        assert depth > 0 or position == len(shown) - 1
    assert depth == 0
