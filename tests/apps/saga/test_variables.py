from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.saga.variables import MAX_TEXT, decode, encode, typed

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_every_json_value_comes_back_as_it_was(value: object) -> None:
    assert decode(*encode(value)) == value  # type: ignore[arg-type]


def test_text_stays_readable_in_cockpit_until_the_engines_limit() -> None:
    assert encode("x" * MAX_TEXT)[1] == "String"
    assert encode("x" * (MAX_TEXT + 1))[1] == "Bytes"


def test_numbers_and_booleans_can_be_used_in_expressions() -> None:
    assert typed({"n": 3, "yes": True}) == {
        "n": {"value": 3, "type": "Long"},
        "yes": {"value": True, "type": "Boolean"},
    }
