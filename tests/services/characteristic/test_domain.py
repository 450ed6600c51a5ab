from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import ValidationFailed
from apps.core.units import MEASURABLE
from catalog_services.characteristic.domain.characteristic import AllowedValue, Characteristic

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(unit=st.sampled_from(MEASURABLE), value=st.decimals(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_a_value_of_a_measurable_unit(unit, value):
    checked = Characteristic(name="n", unit_of_measure=unit, values=(AllowedValue(str(value)),)).checked()
    assert checked.value_type == "number"


@given(name=texts, values=st.lists(texts, max_size=5), unit=st.sampled_from([*MEASURABLE, "None", "Ell"]))
def test_whatever_is_typed_is_either_clean_or_refused_at_a_field(name, values, unit):
    draft = Characteristic(name=name, unit_of_measure=unit, values=tuple(AllowedValue(v) for v in values))
    try:
        checked = draft.checked()
    except ValidationFailed as refused:
        assert refused.errors
    else:
        assert checked.checked() == checked


@given(
    values=st.lists(texts.filter(str.strip), max_size=5, unique_by=str.strip), chosen=texts.filter(str.strip)
)
def test_the_simple_form_makes_its_value_the_only_default(values, chosen):
    draft = Characteristic(name="n", values=tuple(AllowedValue(v.strip()) for v in values))
    result = draft.changed({"value": chosen.strip()}).checked()
    assert [v.value for v in result.values if v.is_default] == [chosen.strip()]


def test_all_broken_rules_are_told_at_once():
    with pytest.raises(ValidationFailed) as refused:
        Characteristic(name=" ", unit_of_measure="Mbps", values=(AllowedValue("fast"),)).checked()
    assert set(refused.value.errors) == {"name", "values"}


def test_values_of_any_number_are_checked_in_no_time():
    values = tuple(AllowedValue(f"value {number}") for number in range(30_000))
    began = time.process_time()
    with pytest.raises(ValidationFailed, match="At most"):
        Characteristic(name="n", values=values).checked()
    assert time.process_time() - began < 2
