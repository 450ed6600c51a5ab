from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.saga.variables import MARK, MAX_TEXT, decode, encode, encode_text, typed

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


@given(
    st.sampled_from(["", MARK, f"{MARK} Speed does not allow "]), st.text(max_size=5), st.integers(0, 5000)
)
def test_a_text_without_a_type_comes_back_as_it_was_and_a_long_one_shorter(
    start: str, rest: str, times: int
) -> None:
    text = start + rest * times
    sent = encode_text(text)
    back = decode(sent, "String")
    assert len(sent) <= MAX_TEXT
    assert isinstance(back, str)
    assert text.startswith(back)
    assert back == text or len(text) > 500


@pytest.mark.parametrize("value", ["json: Speed does not allow 5.", "json:"])
def test_a_text_that_only_looks_like_json_is_a_text(value: str) -> None:
    assert decode(value, "String") == value
    assert decode(b64encode(value.encode()).decode(), "Bytes") == b64encode(value.encode()).decode()


def test_text_stays_readable_in_cockpit_until_the_engines_limit() -> None:
    assert encode("x" * MAX_TEXT)[1] == "String"
    assert encode("x" * (MAX_TEXT + 1))[1] == "Bytes"


def test_numbers_and_booleans_can_be_used_in_expressions() -> None:
    assert typed({"n": 3, "yes": True}) == {
        "n": {"value": 3, "type": "Long"},
        "yes": {"value": True, "type": "Boolean"},
    }
