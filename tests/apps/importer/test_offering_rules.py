"""Identity, references, catalogs, channels, bundles and what is published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.importer.model import Kind, Plan
from apps.importer.rules.base import RULES
from apps.importer.rules.identity import MAX_LENGTH
from tests.apps.importer.conftest import only, rules_of
from tests.apps.importer.records import catalog, category, characteristic, offering, price, specification

Make = Callable[..., Plan]


class TestIdentity:
    """External ids are the same on every run and tell different things apart."""

    def test_own_id_then_product_number_then_name(self, plan: Make) -> None:
        one = characteristic("X", "a")
        made = plan(
            {
                "a.json": specification("A", one, id="spec-1", productNumber="N-1"),
                "b.json": specification("B", one, productNumber="N-2"),
                "c.json": specification("C  Ç", one),
            }
        )
        ids = [item.external_id for item in made.of(Kind.SPECIFICATION)]
        assert ids == ["spec-1", "N-2", "tmf620:name:c ç"]

    def test_the_same_name_in_two_kinds_is_two_things(self, plan: Make) -> None:
        made = plan({"a.json": [category("Firewall"), catalog("Firewall"), offering("Firewall")]})
        assert len({item.identity for item in made.items}) == 3
        assert made.failures == []

    def test_a_second_record_of_an_identity_is_an_error_and_the_first_stays(self, plan: Make) -> None:
        made = plan(
            {"a.json": category("A"), "b.json": category("A"), "c.json": category("a", description="x")}
        )
        assert [str(failure.source) for failure in made.failures] == ["b.json", "c.json"]
        assert "same content as a.json" in made.failures[0].message
        assert "same identity as a.json" in made.failures[1].message
        assert only(made, Kind.CATEGORY).source.file == "a.json"

    @pytest.mark.parametrize("name", [None, "", "  ", 5, ["x"]])
    def test_a_record_without_a_usable_name_is_an_error(self, plan: Make, name: object) -> None:
        made = plan({"a.json": category("A") | {"name": name}})
        assert made.items == []
        assert "name" in made.failures[0].message

    def test_long_names_give_short_ids_that_differ(self, plan: Make) -> None:
        made = plan({"a.json": [category("x" * 500 + "a"), category("x" * 500 + "b")]})
        ids = {item.external_id for item in made.items}
        assert len(ids) == 2
        assert all(len(identifier) <= MAX_LENGTH for identifier in ids)


class TestReferences:
    """By id, by product number, by name, else in the suite."""

    spec = specification("Fibre", characteristic("X", "a"), id="s1", productNumber="FB-1")

    @pytest.mark.parametrize(
        ("reference", "assumed"),
        [
            ({"id": "s1"}, False),
            ({"id": "FB-1"}, True),
            ({"id": "NOBODY", "name": "fibre"}, True),
            ({"name": "Fibre"}, True),
        ],
    )
    def test_a_specification_is_found_by_all_of_them(
        self, plan: Make, reference: dict[str, str], assumed: bool
    ) -> None:
        made = plan({"s.json": self.spec, "o.json": offering("O", productSpecification=reference, id="o")})
        item = only(made, Kind.OFFERING)
        assert [ref.key for ref in item.body["specification_ids"]] == ["s1"]
        assert ("reference" in rules_of(item)) is assumed

    def test_what_the_import_has_not_is_looked_for_in_the_suite(self, plan: Make) -> None:
        made = plan({"o.json": offering("O", productSpecification={"id": "FB-9", "name": "Fibre 9"})})
        (ref,) = only(made, Kind.OFFERING).body["specification_ids"]
        assert (ref.key, ref.candidates, ref.name) == ("", ("FB-9", "tmf620:name:fibre 9"), "Fibre 9")

    def test_an_ambiguous_name_is_an_error(self, plan: Make) -> None:
        twice = [category("News", id="c1"), category("News", id="c2")]
        made = plan({"c.json": twice, "o.json": offering("O", category=[{"name": "News"}])})
        assert "2 have the name 'News'" in only(made, Kind.OFFERING).errors[0]

    def test_an_empty_reference_is_an_error(self, plan: Make) -> None:
        made = plan({"o.json": offering("O", category=[{"href": "x"}])})
        assert "neither id nor name" in only(made, Kind.OFFERING).errors[0]


class TestCatalogs:
    """TMF620 v4 has no field on an offering that names its catalog."""

    def names(self, made: Plan, name: str = "") -> list[str]:
        return [ref.name for ref in only(made, Kind.OFFERING, name).body.get("catalog_ids", [])]

    def test_an_offering_is_in_the_catalogs_that_list_a_category_above_it(self, plan: Make) -> None:
        made = plan(
            {
                "c.json": [catalog("Home", category=[{"id": "net"}]), catalog("Business")],
                "t.json": [category("Internet", id="net", subCategory=[{"id": "fibre"}]),
                           category("Fibre", id="fibre"),
                           category("Fast", id="fast", parentId="fibre")],
                "o.json": offering("O", category=[{"id": "fast"}]),
            }
        )  # fmt: skip
        assert self.names(made) == ["Home"]
        assert "catalog-by-category" in rules_of(only(made, Kind.OFFERING))
        parents = {item.name: item.body.get("parent_id") for item in made.of(Kind.CATEGORY)}
        assert parents["Internet"] is None
        assert (parents["Fibre"].key, parents["Fast"].key) == ("net", "fibre")

    def test_else_the_longest_file_prefix_decides(self, plan: Make) -> None:
        made = plan(
            {
                "big_catalog.json": catalog("Big"),
                "big_business_catalog.json": catalog("Big Business"),
                "big_business_line_offering.json": offering("A"),
                "big_home_offering.json": offering("B"),
                "small_offering.json": offering("C"),
            }
        )
        assert self.names(made, "A") == ["Big Business"]
        assert self.names(made, "B") == ["Big"]
        assert self.names(made, "C") == []

    def test_a_cycle_of_categories_ends(self, plan: Make) -> None:
        made = plan(
            {
                "t.json": [category("A", id="a", parentId="b"), category("B", id="b", parentId="a")],
                "o.json": offering("O", category=[{"id": "a"}]),
            }
        )
        assert self.names(made) == []


class TestOfferings:
    def test_no_channel_means_the_default_ones(self, plan: Make) -> None:
        made = plan({"a.json": offering("A")}, channels=("retail", "partner"))
        item = only(made, Kind.OFFERING)
        assert item.initial["sales_channels"] == ["retail", "partner"]
        assert "sales_channels" not in item.body
        assert "channel-default" in rules_of(item)

    def test_channels_and_segments_are_taken_by_name(self, plan: Make) -> None:
        record = offering("A", channel=[{"id": "1", "name": "shop"}, {"id": "web"}],
                          marketSegment=[{"id": "s", "name": "SOHO"}])  # fmt: skip
        item = only(plan({"a.json": record}), Kind.OFFERING)
        assert (item.body["sales_channels"], item.body["market_segments"]) == (["shop", "web"], ["SOHO"])
        assert "channel-default" not in rules_of(item)

    @pytest.mark.parametrize(
        ("status", "published"), [("Active", True), ("Launched", True), (None, True), ("In design", False)]
    )
    def test_only_what_is_for_sale_is_published(
        self, plan: Make, status: str | None, published: bool
    ) -> None:
        assert (
            only(plan({"a.json": offering("A", lifecycleStatus=status)}), Kind.OFFERING).publish is published
        )

    def test_a_bundle_has_its_members_and_their_numbers(self, plan: Make) -> None:
        option = {"numberRelOfferLowerLimit": 1, "numberRelOfferUpperLimit": 4, "numberRelOfferDefault": 2}
        members = [{"id": "f"}, {"id": "m", "bundledProductOfferingOption": option}]
        made = plan({"a.json": [offering("Fibre", id="f"), offering("SIM", id="m"),
                                offering("Home", bundledProductOffering=members)]})  # fmt: skip
        item = only(made, Kind.OFFERING, "Home")
        assert item.body["is_bundle"] is True
        assert [(m["id"].key, m["min"], m["max"], m["default"]) for m in item.body["bundled_offerings"]] == [
            ("f", 1, 1, 1),
            ("m", 1, 4, 2),
        ]
        assert {"bundle-by-members", "bundle-one-of-each"} <= rules_of(item)

    def test_limits_that_contradict_each_other_are_an_error(self, plan: Make) -> None:
        option = {"numberRelOfferLowerLimit": 3, "numberRelOfferUpperLimit": 2, "numberRelOfferDefault": 2}
        record = offering("B", bundledProductOffering=[{"id": "x", "bundledProductOfferingOption": option}])
        assert "does not hold" in only(plan({"a.json": record}), Kind.OFFERING).errors[0]

    def test_what_has_no_counterpart_is_said(self, plan: Make) -> None:
        item = only(plan({"a.json": offering("A", place=[{"id": "FR"}], version="3")}), Kind.OFFERING)
        assert [a.text for a in item.assumptions if a.rule == "not-carried"] == ["Left out: place, version."]

    @pytest.mark.parametrize(
        "record",
        [specification("A"), price("A"), category("A"), catalog("A")],
        ids=lambda record: record["@type"],
    )
    def test_a_status_that_is_not_for_sale_is_said_with_its_value(
        self, plan: Make, record: dict[str, Any]
    ) -> None:
        made = plan(
            {
                "a.json": record | {"lifecycleStatus": "Obsolete"},
                "b.json": record | {"name": "B", "lifecycleStatus": "Active"},
            }
        )
        a, b = (next(item for item in made.items if item.name == name) for name in "AB")
        said = [found.text for found in a.assumptions if found.rule == "lifecycle-status"]
        assert said == ["Its lifecycleStatus 'Obsolete' is left out."]
        assert not rules_of(b) & {"lifecycle-status", "not-carried"}

    @pytest.mark.parametrize(("sellable", "said"), [(False, True), (True, False), (None, False)])
    def test_an_offering_that_is_sold_in_bundles_only_is_said_to_be_sold_alone(
        self, plan: Make, sellable: bool | None, said: bool
    ) -> None:
        item = only(plan({"a.json": offering("A", isSellable=sellable)}), Kind.OFFERING)
        assert rules_of(item) & {"sold-alone", "not-carried"} == ({"sold-alone"} if said else set())

    @pytest.mark.parametrize("field", ["category", "channel", "prodSpecCharValueUse", "productSpecification"])
    def test_a_field_of_the_wrong_shape_is_named(self, plan: Make, field: str) -> None:
        made = plan({"a.json": offering("A") | {field: "x"}, "b.json": offering("B")})
        assert field in only(made, Kind.OFFERING, "A").errors[0]
        assert only(made, Kind.OFFERING, "B").errors == []


def test_every_rule_has_a_code_and_a_statement() -> None:
    assert {"price-by-file-name", "catalog-by-file-prefix", "channel-default", "unit-split"} <= RULES.keys()
    assert all(statement.endswith(".") for statement in RULES.values())
