"""One characteristic for each name: union, units, conflicts, and what the suite has already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.importer.model import Item, Kind, Plan
from apps.importer.rules.characteristics import Definition, Known
from tests.apps.importer.conftest import only, rules_of
from tests.apps.importer.records import characteristic, offering, specification

Make = Callable[..., Plan]


def values(item: Item) -> list[str]:
    return [value["value"] for value in item.body["values"]]


def default(item: Item) -> list[str]:
    return [value["value"] for value in item.body["values"] if value["is_default"]]


def said(item: Item, rule: str) -> str:
    """What a rule says of an item; empty when it says nothing."""
    return " ".join(assumption.text for assumption in item.assumptions if assumption.rule == rule)


def link(plan: Plan, name: str) -> dict[str, Any]:
    """The first characteristic of a specification as its body has it."""
    found: dict[str, Any] = only(plan, Kind.SPECIFICATION, name).body["characteristics"][0]
    return found


def test_values_of_one_name_are_united_and_each_specification_keeps_its_own(plan: Make) -> None:
    made = plan(
        {
            "a.json": specification("Backbone", characteristic("Bandwidth", "100 Gbps", "400 Gbps")),
            "b.json": specification("Metro", characteristic("Bandwidth", "1 Gbps", "10 Gbps")),
        }
    )
    bandwidth = only(made, Kind.CHARACTERISTIC)
    assert values(bandwidth) == ["1", "10", "100", "400"]
    assert default(bandwidth) == ["100"]
    assert (bandwidth.body["value_type"], bandwidth.body["unit_of_measure"]) == ("number", "Gbps")
    assert {"unit-split", "characteristic-union"} <= rules_of(bandwidth)
    assert (link(made, "Backbone")["values"], link(made, "Backbone")["default"]) == (["100", "400"], "100")
    assert (link(made, "Metro")["values"], link(made, "Metro")["default"]) == (["1", "10"], "1")


def test_case_and_white_space_make_no_second_characteristic(plan: Make) -> None:
    made = plan(
        {
            "a.json": [
                specification("A", characteristic("Service  Level", "Gold")),
                specification("B", characteristic("service level", "Silver")),
            ]
        }
    )
    assert values(only(made, Kind.CHARACTERISTIC)) == ["Gold", "Silver"]


@pytest.mark.parametrize(
    ("written", "amounts", "unit"),
    [
        (["5kW", "10kW"], ["5000", "10000"], "Watt"),
        (["500 Mbps", "1 Gbps", "2.5 Gbps"], ["500", "1000", "2500"], "Mbps"),
        (["2 TB", "500 GB"], ["500", "2000"], "GB"),
        (["1 Gbps", "1000 Mbps"], ["1000"], "Mbps"),
    ],
)
def test_units_of_one_dimension_become_one_suite_unit(
    plan: Make, written: list[str], amounts: list[str], unit: str
) -> None:
    item = only(plan({"a.json": specification("A", characteristic("X", *written))}), Kind.CHARACTERISTIC)
    assert (values(item), item.body["unit_of_measure"]) == (amounts, unit)
    assert "unit-convert" in rules_of(item)


def test_a_unit_given_apart_is_no_assumption(plan: Make) -> None:
    record = specification("A", characteristic("Speed", 100, 300, type="number", unit="Mbps"))
    item = only(plan({"a.json": record}), Kind.CHARACTERISTIC)
    assert (values(item), item.body["unit_of_measure"]) == (["100", "300"], "Mbps")
    assert rules_of(item) == set()


@pytest.mark.parametrize(
    ("first", "second", "united"),
    [
        (characteristic("X", "10 Gbps"), characteristic("X", "Unlimited"), ["10 Gbps", "Unlimited"]),
        (characteristic("X", "10 Gbps"), characteristic("X", "256GB"), ["10 Gbps", "256GB"]),
        (characteristic("X", 5, type="number"), characteristic("X", "five"), ["5", "five"]),
        (characteristic("X", 5, type="number"), characteristic("X", "5 GB"), ["5", "5 GB"]),
        (characteristic("X", True, type="boolean"), characteristic("X", 1, type="number"), ["true", "1"]),
    ],
)
def test_conflicting_types_under_one_name_become_text_as_written(
    plan: Make, first: dict[str, Any], second: dict[str, Any], united: list[str]
) -> None:
    made = plan({"a.json": specification("A", first), "b.json": specification("B", second)})
    item = only(made, Kind.CHARACTERISTIC)
    assert (item.body["value_type"], item.body["unit_of_measure"]) == ("string", "None")
    assert values(item) == united
    assert "mixed-to-text" in rules_of(item)


def test_plain_text_is_no_assumption_and_a_million_stays_text(plan: Make) -> None:
    record = specification("A", characteristic("Sessions", "1 Million", "5 Million"))
    item = only(plan({"a.json": record}), Kind.CHARACTERISTIC)
    assert (values(item), item.body["value_type"]) == (["1 Million", "5 Million"], "string")
    assert rules_of(item) == set()


def test_booleans_are_written_as_the_api_takes_them(plan: Make) -> None:
    record = specification("A", characteristic("Static IP", "Yes", False, type="boolean"))
    item = only(plan({"a.json": record}), Kind.CHARACTERISTIC)
    assert (values(item), item.body["value_type"]) == (["true", "false"], "boolean")


def test_without_a_default_the_first_value_is_taken(plan: Make) -> None:
    unmarked = characteristic("X", "a", "b")
    for value in unmarked["productSpecCharacteristicValue"]:
        value["isDefault"] = False
    made = plan({"a.json": specification("A", unmarked)})
    assert link(made, "A")["default"] == "a"
    assert "default-first" in rules_of(only(made, Kind.SPECIFICATION))


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (characteristic("X", "abc", type="number"), "must be a number"),
        (characteristic("X", "maybe", type="boolean"), "neither true nor false"),
        (characteristic("X", {"a": 1}), "must be a text, a number or a boolean"),
        (characteristic("X", None), "must be a text"),
        ({"name": "X", "productSpecCharacteristicValue": [{"valueFrom": 1, "valueTo": 5}]}, "range"),
        ({"name": "X", "productSpecCharacteristicValue": "5"}, "must be an array"),
        ({"productSpecCharacteristicValue": []}, "name is missing"),
        ({"name": "X", "characteristicValueSpecification": [{"value": "a"}]}, "is of TMF620 v5"),
    ],
)
def test_a_bad_characteristic_costs_its_specification_and_no_other(
    plan: Make, bad: dict[str, Any], says: str
) -> None:
    good = specification("Good", characteristic("X", "a"))
    made = plan({"a.json": specification("Bad", bad), "b.json": good})
    assert says in only(made, Kind.SPECIFICATION, "Bad").errors[0]
    assert only(made, Kind.SPECIFICATION, "Good").errors == []
    assert values(only(made, Kind.CHARACTERISTIC)) == ["a"]


def test_a_number_of_any_size_stops_nothing(plan: Make) -> None:
    small, large = (
        characteristic("Small", "0.0001 kbps"),
        characteristic("Large", 10**27, type="number", unit="GB"),
    )
    made = plan({"a.json": specification("A", small), "b.json": specification("B", large)})
    assert "cannot be said exactly" in only(made, Kind.CHARACTERISTIC, "Small").errors[0]
    assert values(only(made, Kind.CHARACTERISTIC, "Large")) == [str(10**27)]


def test_one_name_twice_in_a_specification_is_an_error(plan: Make) -> None:
    made = plan({"a.json": specification("A", characteristic("X", "a"), characteristic("x", "b"))})
    assert "there twice" in only(made, Kind.SPECIFICATION).errors[0]


@pytest.mark.parametrize(
    ("types", "united"),
    [(["number", "integer"], "number"), (["string"], "string"), (["number", "boolean"], "string")],
)
def test_a_characteristic_that_lists_no_value_is_open(plan: Make, types: list[str], united: str) -> None:
    made = plan({f"{type}.json": specification(type, characteristic("X", type=type)) for type in types})
    item = only(made, Kind.CHARACTERISTIC)
    assert (item.body["value_type"], item.body["values"]) == (united, [])
    assert "open-values" in rules_of(item)
    found = link(made, types[0])
    assert (found["values"], found["default"], found["configurable"]) == ([], None, True)


def test_a_characteristic_that_one_specification_leaves_open_is_open_and_the_others_keep_their_values(
    plan: Make,
) -> None:
    listing = specification("A", characteristic("Speed", "100 Mbps", "200 Mbps"))
    made = plan({"a.json": listing, "b.json": specification("B", characteristic("Speed"))})
    item = only(made, Kind.CHARACTERISTIC)
    assert (values(item), item.body["unit_of_measure"]) == ([], "Mbps")
    assert "1 of 2 specifications list no value of it" in said(item, "open-values")
    assert (link(made, "A")["values"], link(made, "A")["default"]) == (["100", "200"], "100")
    assert link(made, "B")["values"] == []


def test_a_number_in_a_unit_that_the_suite_has_not_is_text_and_that_is_said(plan: Make) -> None:
    record = specification("A", characteristic("Loss", 42, type="number", unit="dB"))
    item = only(plan({"a.json": record}), Kind.CHARACTERISTIC)
    assert (values(item), item.body["value_type"]) == (["42 dB"], "string")
    assert "'42 dB' is no number in a unit of the suite" in said(item, "mixed-to-text")


def test_the_first_description_is_taken_and_another_one_is_said(plan: Make) -> None:
    made = plan(
        {
            "a.json": specification("A", characteristic("Speed", "1 Gbps")),
            "b.json": specification("B", characteristic("Speed", "1 Gbps", description="At most")),
            "c.json": specification("C", characteristic("Speed", "1 Gbps", description="To choose\nfrom")),
        }
    )
    item = only(made, Kind.CHARACTERISTIC)
    assert item.initial == {"description": "At most"}
    assert said(item, "one-description") == (
        "The first description, 'At most', is taken; left out: 'To choose\\nfrom'."
    )


def test_what_a_characteristic_and_its_values_lose_is_said(plan: Make) -> None:
    listed = [{"value": 5, "valueType": "number", "validFor": {"endDateTime": "2030-01-01"}, "regex": ""},
              {"value": 9, "valueFrom": 1, "valueTo": 9}]  # fmt: skip
    more = {"regex": "[0-9]", "extensible": True, "isUnique": False}
    made = plan(
        {
            "a.json": [
                specification(
                    "A",
                    characteristic("Port", type="number", productSpecCharacteristicValue=listed, **more),
                    id="a",
                ),
                offering(
                    "O", characteristic("Port", 5, type="number", regex="5"), productSpecification={"id": "a"}
                ),
            ]
        }
    )
    assert said(only(made, Kind.SPECIFICATION), "characteristic-not-carried") == (
        "Port: left out: extensible, regex, a value's validFor, a value's valueFrom, a value's valueTo."
    )
    assert said(only(made, Kind.OFFERING), "characteristic-not-carried") == "Port: left out: regex."


def test_of_several_defaults_the_first_is_taken_and_that_is_said(plan: Make) -> None:
    marked = characteristic("X", "a", "b", "c")
    for value in marked["productSpecCharacteristicValue"][1:]:
        value["isDefault"] = True
    made = plan({"a.json": specification("A", marked)})
    assert link(made, "A")["default"] == "a"
    assert "'a', 'b', 'c' are marked as default" in said(only(made, Kind.SPECIFICATION), "default-first")


class TestWithWhatTheSuiteHas:
    """The suite's own characteristic is never changed in type or unit, and never loses a value."""

    record = specification("A", characteristic("Speed", "1 Gbps", "2 Gbps"))

    def test_numbers_follow_the_suites_unit_and_values_are_added(self, plan: Make) -> None:
        known = {"speed": Known("Speed", Definition("number", "Mbps"), ("100", "1000"), "100")}
        made = plan({"a.json": self.record}, known=known)
        item = only(made, Kind.CHARACTERISTIC)
        assert (values(item), default(item)) == (["100", "1000", "2000"], ["100"])
        assert {"suite-characteristic", "characteristic-union"} <= rules_of(item)
        assert (link(made, "A")["values"], link(made, "A")["default"]) == (["1000", "2000"], "1000")

    def test_what_is_open_stays_open_and_the_values_are_the_specifications_own(self, plan: Make) -> None:
        known = {"speed": Known("Speed", Definition("number", "Gbps"), (), None)}
        made = plan({"a.json": self.record}, known=known)
        assert values(only(made, Kind.CHARACTERISTIC)) == []
        assert "any number in Gbps is allowed" in said(only(made, Kind.CHARACTERISTIC), "open-values")
        assert link(made, "A")["values"] == ["1", "2"]

    def test_what_lists_values_is_not_opened_by_who_lists_none_and_the_import_says_so(
        self, plan: Make
    ) -> None:
        known = {"port": Known("Port", Definition("number"), ("21", "42"), None)}
        made = plan({"a.json": specification("A", characteristic("Port", type="number"))}, known=known)
        item = only(made, Kind.CHARACTERISTIC)
        assert values(item) == ["21", "42"]
        assert said(item, "open-values") == ""
        assert "the suite lists 2" in said(item, "suite-values")

    def test_the_suites_description_stays_and_another_one_is_said(self, plan: Make) -> None:
        known = {"x": Known("X", Definition("string"), ("a",), None, "By hand")}
        record = specification("A", characteristic("X", "a", description="Of the file"))
        item = only(plan({"a.json": record}, known=known), Kind.CHARACTERISTIC)
        assert "The suite's description, 'By hand', is taken; left out: 'Of the file'" in said(
            item, "one-description"
        )

    def test_where_the_suite_has_text_everything_is_text(self, plan: Make) -> None:
        known = {"speed": Known("Speed", Definition("string"), ("fast",), "fast")}
        made = plan({"a.json": self.record}, known=known)
        assert values(only(made, Kind.CHARACTERISTIC)) == ["fast", "1 Gbps", "2 Gbps"]
        assert link(made, "A")["values"] == ["1 Gbps", "2 Gbps"]

    @pytest.mark.parametrize(
        "definition", [Definition("boolean"), Definition("number", "GB"), Definition("number", "None")]
    )
    def test_what_does_not_fit_the_suite_is_an_error(self, plan: Make, definition: Definition) -> None:
        made = plan({"a.json": self.record}, known={"speed": Known("Speed", definition, (), None)})
        assert "The suite has it as" in only(made, Kind.CHARACTERISTIC).errors[0]

    def test_an_offering_alone_pins_values_in_the_suites_unit(self, plan: Make) -> None:
        known = {"speed": Known("Speed", Definition("number", "Mbps"), ("1000",), None)}
        made = plan({"a.json": offering("O", characteristic("Speed", "1 Gbps"))}, known=known)
        pinned = only(made, Kind.OFFERING).body["characteristic_values"]
        assert [(entry["characteristic_id"].name, entry["value"]) for entry in pinned] == [("Speed", "1000")]

    def test_an_amount_that_cannot_be_said_exactly_is_an_error(self, plan: Make) -> None:
        known = {"term": Known("Term", Definition("number", "Years"), ("1",), None)}
        made = plan({"a.json": specification("A", characteristic("Term", "5 months"))}, known=known)
        assert "cannot be said exactly" in only(made, Kind.CHARACTERISTIC).errors[0]


class TestPinnedValues:
    """The values an offering fixes."""

    fibre = specification("S", characteristic("Speed", "1 Gbps", "500 Mbps"), id="s")

    def pin(self, plan: Make, pinned: dict[str, Any]) -> Item:
        record = offering("O", pinned, productSpecification={"id": "s"})
        return only(plan({"s.json": self.fibre, "o.json": record}), Kind.OFFERING)

    @pytest.mark.parametrize("written", ["1 Gbps", "1000 Mbps", "1000"])
    def test_one_value_is_pinned_in_the_characteristics_unit(self, plan: Make, written: str) -> None:
        item = self.pin(plan, characteristic("speed", written))
        assert [entry["value"] for entry in item.body["characteristic_values"]] == ["1000"]

    def test_several_values_leave_the_choice_open(self, plan: Make) -> None:
        item = self.pin(plan, characteristic("Speed", "1 Gbps", "500 Mbps"))
        assert item.body["characteristic_values"] == []
        assert "several-values-not-pinned" in rules_of(item)

    def test_a_value_that_the_specification_has_not_is_an_error(self, plan: Make) -> None:
        assert "does not have the value '2000'" in self.pin(plan, characteristic("Speed", "2 Gbps")).errors[0]

    def test_an_open_characteristic_may_be_pinned_to_anything_of_its_type(self, plan: Make) -> None:
        fixed = characteristic("Port", 7, type="number")
        records = [specification("S", characteristic("Port", type="number"), id="s"),
                   offering("O", fixed, productSpecification={"id": "s"})]  # fmt: skip
        pinned = only(plan({"a.json": records}), Kind.OFFERING).body["characteristic_values"]
        assert [entry["value"] for entry in pinned] == ["7"]

    def test_a_value_of_another_dimension_is_an_error(self, plan: Make) -> None:
        assert "is no number in Mbps" in self.pin(plan, characteristic("Speed", "2 GB")).errors[0]

    def test_a_characteristic_that_nobody_defines_is_an_error(self, plan: Make) -> None:
        item = self.pin(plan, characteristic("Colour", "Red"))
        assert "Neither this import nor the suite defines the characteristic 'Colour'" in item.errors[0]
