from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import ValidationFailed
from catalog_services.specification.domain.choice import Choice, choose, chosen_ids
from catalog_services.specification.domain.known import KnownCharacteristic
from catalog_services.specification.domain.specification import Specification

VALUES = ("50", "100", "500", "1000")
texts = st.sampled_from((*VALUES, "fast", "", "1e3", "true"))


@st.composite
def characteristics(draw: st.DrawFn) -> KnownCharacteristic:
    values = tuple(draw(st.lists(st.sampled_from(VALUES), unique=True)))
    default = draw(st.none() | st.sampled_from(values)) if values else None
    return KnownCharacteristic(id="c", name="Speed", value_type="number", values=values, default=default)


given_choices = st.fixed_dictionaries(
    {"id": st.just("c")},
    optional={
        "values": st.lists(texts, max_size=4),
        "default": st.none() | texts,
        "configurable": st.booleans(),
        "min_cardinality": st.integers(0, 3),
        "max_cardinality": st.integers(1, 3),
    },
)


@given(known=characteristics(), chosen=given_choices)
def test_a_choice_never_holds_what_its_characteristic_does_not_allow(known, chosen):
    try:
        (choice,) = choose({"characteristics": [chosen]}, {"c": known})
    except ValidationFailed as refused:
        assert set(refused.errors) == {"characteristics.0"}
        return
    assert all(known.allows(value) for value in choice.values)
    assert len(set(choice.values)) == len(choice.values)
    assert choice.default is None or known.allows(choice.default)
    assert choice.default is None or not choice.values or choice.default in choice.values
    assert choice.min_cardinality <= choice.max_cardinality
    assert not choice.values or choice.min_cardinality <= len(choice.values)


@given(known=characteristics(), chosen=given_choices)
def test_what_was_chosen_once_can_be_sent_back_as_it_is(known, chosen):
    try:
        (choice,) = choose({"characteristics": [chosen]}, {"c": known})
    except ValidationFailed:
        return
    whole = {name: getattr(choice, name) for name in Choice.__slots__}
    assert choose({"characteristics": [whole]}, {"c": known}) == (choice,)


@given(known=characteristics())
def test_the_simple_form_takes_all_values_and_the_default(known):
    (choice,) = choose({"characteristic_ids": ["c"]}, {"c": known})
    assert choice == Choice(id="c", values=known.values, default=known.default)


def test_nothing_chosen_is_told_from_nothing_left():
    assert chosen_ids({"name": "n"}) is None
    assert chosen_ids({"characteristic_ids": []}) == []
    with pytest.raises(ValidationFailed):
        Specification(name="n").checked()
