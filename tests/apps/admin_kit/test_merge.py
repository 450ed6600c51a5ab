"""Two people change one thing: what they changed apart is kept together, and nothing is lost unsaid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.admin_kit.merge import Merged, merge

VALUES = st.integers(0, 3)
NAMES = st.sampled_from("abcdef")
FIELDS = st.fixed_dictionaries(dict.fromkeys("abcdef", VALUES))
ROWS = st.dictionaries(NAMES, VALUES)
KEYS = {"rows": lambda row: row[0]}
REMOVED = None


def rows(of: dict[str, Any]) -> dict[str, list[tuple[str, Any]]]:
    return {"rows": list(of.items())}


def after(base: dict[str, Any], edit: dict[str, Any]) -> dict[str, Any]:
    """``edit`` names a key with its new value, or as removed."""
    return {key: value for key, value in {**base, **edit}.items() if value is not REMOVED}


@st.composite
def apart(draw: st.DrawFn, values: st.SearchStrategy[Any] = VALUES) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two edits that have no key in common."""
    mine = draw(st.dictionaries(NAMES, values))
    theirs = draw(st.dictionaries(NAMES, values))
    return mine, {key: value for key, value in theirs.items() if key not in mine}


@given(FIELDS, apart())
def test_edits_of_different_fields_are_both_kept_whoever_saves_second(base, edits):
    mine, theirs = edits
    both = Merged({**base, **mine, **theirs})
    assert merge(base, {**base, **mine}, {**base, **theirs}) == both
    assert merge(base, {**base, **theirs}, {**base, **mine}) == both


@given(ROWS, apart(st.none() | VALUES))
def test_rows_that_were_added_changed_or_removed_apart_are_as_if_one_had_done_it_all(base, edits):
    mine, theirs = edits
    for first, second in ((mine, theirs), (theirs, mine)):
        found = merge(rows(base), rows(after(base, first)), rows(after(base, second)), KEYS)
        assert found.conflicts == ()
        assert dict(found.values["rows"]) == after(after(base, first), second)
        survivors = [key for key, _ in found.values["rows"] if key in base]
        assert survivors == [key for key in base if key in survivors], "nobody moved them"


@given(FIELDS, FIELDS, FIELDS)
def test_what_both_changed_in_another_way_is_said_and_all_else_is_kept(base, mine, theirs):
    found = merge(base, mine, theirs)
    for name, value in found.values.items():
        if name in found.conflicts:
            assert len({base[name], mine[name], theirs[name]}) == 3
        elif mine[name] != base[name]:
            assert value == mine[name]
        else:
            assert value == theirs[name]


@given(ROWS, ROWS, ROWS)
def test_no_row_that_somebody_typed_is_lost_unsaid(base, mine, theirs):
    found = merge(rows(base), rows(mine), rows(theirs), KEYS)
    if found.conflicts:
        assert found.values == rows(mine)
        return
    for side in (mine, theirs):
        typed = {key: value for key, value in side.items() if base.get(key) != value}
        assert typed.items() <= dict(found.values["rows"]).items()


@given(ROWS, ROWS)
def test_who_alone_changed_something_has_it_as_he_left_it(base, changed):
    assert merge(rows(base), rows(changed), rows(base), KEYS) == Merged(rows(changed))
    assert merge(rows(base), rows(base), rows(changed), KEYS) == Merged(rows(changed))


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "kept"),
    [
        ("ab", "ba", "abc", "bca"),
        ("abc", "axbc", "acb", "axcb"),
        ("ab", "ba", "ba", "ba"),
        ("abc", "cab", "acb", None),
        ("aab", "aabx", "aaby", None),
    ],
)
def test_an_order_is_kept_as_the_one_who_moved_things_left_it(base, mine, theirs, kept):
    found = merge({"w": [*base]}, {"w": [*mine]}, {"w": [*theirs]}, {"w": str})
    assert found == (Merged({"w": [*kept]}) if kept else Merged({"w": [*mine]}, ("w",)))
