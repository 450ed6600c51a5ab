"""Whole imports against a server that keeps the contract: idempotence, differences, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from apps.importer.model import Kind
from apps.importer.results import Outcome, Publishing
from apps.importer.rules.prices import name_apart
from tests.apps.importer.conftest import Folder, rules_of
from tests.apps.importer.contract_double import ContractDouble
from tests.apps.importer.outcomes import Bring, outcomes, result_of, small
from tests.apps.importer.records import catalog, category, characteristic, offering, price, specification


class TestRealCatalog:
    def test_it_arrives_as_16_published_offerings_and_a_second_run_changes_nothing(
        self, bring: Bring, double: ContractDouble, real_catalog: Path
    ) -> None:
        first = bring(real_catalog, publish=True)
        assert outcomes(first) == {Outcome.CREATED: 61}
        assert not first.bad
        rows = double.rows["offerings"].values()
        assert [row["lifecycle_status"] for row in rows] == ["PUBLISHED"] * 16
        state, writes = json.dumps(double.rows), list(double.writes)

        second = bring(real_catalog, publish=True)
        assert outcomes(second) == {Outcome.UNCHANGED: 61}
        assert (json.dumps(double.rows), double.writes) == (state, writes)
        published = [r.publishing for r in second.items if r.item.kind is Kind.OFFERING]
        assert published == [Publishing.ALREADY] * 16

    def test_a_changed_file_updates_what_changed_and_nothing_else(
        self, bring: Bring, double: ContractDouble, real_catalog: Path, tmp_path: Path
    ) -> None:
        copy = Path(shutil.copytree(real_catalog, tmp_path / "copy", copy_function=shutil.copyfile))
        copy.chmod(0o755)
        bring(copy)
        file = copy / "enterprise_mpls_gold_price.json"
        file.write_text(file.read_text().replace("1500", "1499"))
        double.writes.clear()

        results = bring(copy)
        assert outcomes(results) == {Outcome.UPDATED: 1, Outcome.UNCHANGED: 60}
        changed = result_of(results, Kind.PRICE, "Business MPLS Network - Monthly Fee")
        assert changed.changes == {"value": ("1500", "1499")}
        assert double.writes == ["PATCH prices"]


class TestDryRun:
    def test_it_writes_nothing_and_says_what_it_would(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        results = bring(folder(small()), dry_run=True, publish=True)
        assert outcomes(results) == {Outcome.CREATED: 5}
        assert double.writes == []

    def test_it_shows_the_differences_of_each_field(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        bring(folder(small()))
        files = small()
        files["x_price.json"]["price"]["value"] = 31
        files["x_offering.json"]["description"] = "New"
        files["x_price_setup.json"] = price("Setup", 50, priceType="oneTime")
        writes = len(double.writes)

        results = bring(folder(files), dry_run=True)
        assert result_of(results, Kind.PRICE, "Home fee").changes == {"value": ("29.9", "31")}
        changes = result_of(results, Kind.OFFERING, "Home").changes
        assert changes["description"] == ("", "New")
        assert "(new) Setup" in changes["pricing_ids"][1]
        assert result_of(results, Kind.PRICE, "Setup").outcome is Outcome.CREATED
        assert len(double.writes) == writes


class TestItemErrors:
    def test_a_refusal_costs_the_item_and_skips_what_needs_it(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        files = small() | {"y_offering.json": offering("Other"), "y_price.json": price("Other fee")}
        files["x_price.json"]["price"]["unit"] = "KWD"
        results = bring(folder(files))
        refused = result_of(results, Kind.PRICE, "Home fee")
        assert refused.outcome is Outcome.FAILED
        assert refused.messages == ["The data is not valid. (currency: KWD is no currency.)"]
        skipped = result_of(results, Kind.OFFERING, "Home")
        assert (skipped.outcome, skipped.messages) == (
            Outcome.SKIPPED,
            ["It needs the price 'Home fee', which failed."],
        )
        assert result_of(results, Kind.OFFERING, "Other").outcome is Outcome.CREATED
        assert results.bad

    def test_skipping_goes_all_the_way_up_to_bundles(self, bring: Bring, folder: Folder) -> None:
        files = small() | {"b.json": offering("Bundle", bundledProductOffering=[{"name": "Home"}])}
        files["x_spec.json"]["productSpecCharacteristic"] = [characteristic("Speed", "fast", type="number")]
        results = bring(folder(files))
        assert result_of(results, Kind.SPECIFICATION, "Fibre").outcome is Outcome.FAILED
        assert result_of(results, Kind.OFFERING, "Home").outcome is Outcome.FAILED
        assert result_of(results, Kind.OFFERING, "Bundle").outcome is Outcome.SKIPPED

    def test_bundles_in_a_circle_are_errors_and_nothing_else_is(self, bring: Bring, folder: Folder) -> None:
        files = small() | {
            "b.json": [offering("A", id="a", bundledProductOffering=[{"id": "b"}]),
                       offering("B", id="b", bundledProductOffering=[{"id": "a"}]),
                       offering("C", id="c", bundledProductOffering=[{"id": "a"}])]
        }  # fmt: skip
        results = bring(folder(files))
        assert outcomes(results) == {Outcome.CREATED: 5, Outcome.FAILED: 2, Outcome.SKIPPED: 1}
        assert "need each other" in result_of(results, Kind.OFFERING, "A").messages[0]

    def test_a_reference_to_nothing_is_an_error(self, bring: Bring, folder: Folder) -> None:
        results = bring(folder({"a.json": offering("A", category=[{"id": "X9", "name": "Gone"}])}))
        message = result_of(results, Kind.OFFERING, "A").messages[0]
        assert message == "Neither this import nor the suite has the category 'Gone'."

    def test_what_was_unreadable_is_in_the_results(self, bring: Bring, folder: Folder) -> None:
        results = bring(folder(small() | {"z.json": "{"}))
        assert [str(failure.source) for failure in results.failures] == ["z.json"]
        assert outcomes(results) == {Outcome.CREATED: 5}
        assert results.bad


class TestWhatTheSuiteHas:
    def test_a_large_suite_is_asked_item_by_item_and_a_small_one_at_once(
        self, bring: Bring, double: ContractDouble, folder: Folder, at_once: int
    ) -> None:
        bring(folder(small()))
        double.requests.clear()
        assert outcomes(bring(folder(small()))) == {Outcome.UNCHANGED: 5}
        reads = sum(count for request, count in double.requests.items() if request.startswith("GET"))
        assert reads == (5 if at_once else 11)

    def test_all_pages_of_what_the_suite_has_are_read(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        many = folder({"many.json": [category(f"C{number}") for number in range(450)]})
        bring(many)
        double.requests.clear()
        assert outcomes(bring(many)) == {Outcome.UNCHANGED: 450}
        assert double.requests["GET categories"] == 3

    def test_what_appears_in_between_is_taken_and_not_made_twice(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        def appear() -> None:
            double._create(
                "prices", {"name": "Home fee", "value": "5", "currency": "EUR", "price_type": "one_time"}
            )

        double.faults = [("POST", "/prices", appear)]
        results = bring(folder(small()))
        assert not results.bad
        assert result_of(results, Kind.PRICE, "Home fee").outcome is Outcome.UPDATED
        assert [row["value"] for row in double.rows["prices"].values()] == ["29.9"]

    def test_a_single_file_finds_its_references_in_the_suite(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        bring(folder(small()))
        more = offering("Second", characteristic("Speed", "1 Gbps"),
                        productSpecification={"id": "F-1"}, category=[{"name": "net"}])  # fmt: skip
        results = bring(folder({"single.json": more}) / "single.json")
        assert not results.bad
        row = double.named("offerings", "Second")
        assert row["specification_ids"] == [double.named("specifications", "Fibre")["id"]]
        assert row["category_ids"] == [double.named("categories", "Net")["id"]]
        assert row["characteristic_values"][0]["value"] == "1"

    @pytest.mark.parametrize("name", sorted(small()))
    def test_any_file_of_an_imported_catalog_by_itself_changes_nothing(
        self, bring: Bring, double: ContractDouble, folder: Folder, name: str
    ) -> None:
        root = folder(small() | {"x_catalog.json": catalog("All")})
        bring(root, publish=True)
        results = bring(root / name, publish=True)
        assert {result.outcome for result in results.items} == {Outcome.UNCHANGED}

    def test_another_default_channel_does_not_change_what_is_there(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        bring(folder(small()), channels=("shop",))
        assert outcomes(bring(folder(small()), channels=("web",))) == {Outcome.UNCHANGED: 5}
        assert double.named("offerings", "Home")["sales_channels"] == ["shop"]

    def test_what_was_made_by_hand_is_adopted_by_its_name(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        bring(folder(small()))
        double.named("specifications", "Fibre")["external_id"] = None
        results = bring(folder(small()))
        result = result_of(results, Kind.SPECIFICATION, "Fibre")
        assert result.changes == {"external_id": (None, "F-1")}
        assert "adopt-by-name" in rules_of(result.item)

    def test_a_name_that_is_somebody_elses_is_a_conflict(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        bring(folder(small()))
        double.named("prices", "Home fee")["external_id"] = "another-system:7"
        results = bring(folder(small()))
        result = result_of(results, Kind.PRICE, "Home fee")
        assert result.outcome is Outcome.CONFLICT
        assert "another-system:7" in result.messages[0]
        assert result_of(results, Kind.OFFERING, "Home").outcome is Outcome.SKIPPED

    def test_prices_that_share_a_name_are_all_imported_and_keep_their_names(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        def of(name: str, *ids: str) -> dict[str, Any]:
            return offering(name, id=name, productOfferingPrice=[price("Monthly fee", id=id) for id in ids])

        def names() -> dict[str, str]:
            return {row["external_id"]: row["name"] for row in double.rows["prices"].values()}

        root = folder({"a/a.json": of("A", "p1")})
        bring(root)
        assert names() == {"p1": "Monthly fee"}
        folder({"b.json": of("B", "p2"), "c.json": of("C", "p3", "p4")})
        results = bring(root)
        assert not results.bad
        assert names() == {
            "p1": "A - Monthly fee",
            "p2": "B - Monthly fee",
            "p3": "C - Monthly fee (p3)",
            "p4": "C - Monthly fee (p4)",
        }
        assert "price-name" in rules_of(result_of(results, Kind.PRICE, "B - Monthly fee").item)
        for part in ("", "a/a.json", "b.json", "c.json"):
            assert set(outcomes(bring(root / part))) == {Outcome.UNCHANGED}
        alone = result_of(bring(root / "b.json"), Kind.PRICE, "Monthly fee")
        assert "price-name-kept" in rules_of(alone.item)

    def test_a_price_that_its_source_renames_is_renamed(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        files = small()
        files["x_price.json"] |= {"id": "p1", "name": "Basic - Monthly"}
        bring(folder(files))
        files["x_price.json"]["name"] = "Monthly"
        bring(folder(files))
        assert [row["name"] for row in double.rows["prices"].values()] == ["Monthly"]

    def test_a_name_made_apart_is_one_that_the_suite_takes(self) -> None:
        for key in ("", "p1"):
            name = name_apart("Monthly fee", "x" * 200, key).value
            assert len(name) == 200
            assert f" - Monthly fee{' (p1)' if key else ''}" in name

    def test_two_catalogs_share_a_characteristic_and_neither_takes_values_from_the_other(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        one = {"one/a.json": specification("A", characteristic("Speed", "1 Gbps", "2 Gbps"))}
        two = {"two/b.json": specification("B", characteristic("SPEED", "500 Mbps"))}
        root = folder(one | two)
        bring(root / "one")
        results = bring(root / "two")
        assert not results.bad
        row = double.named("characteristics", "Speed")
        assert (row["unit_of_measure"], sorted(v["value"] for v in row["values"])) == (
            "Gbps",
            ["0.5", "1", "2"],
        )
        for part in ("one", "two"):
            assert set(outcomes(bring(root / part))) == {Outcome.UNCHANGED}

    def test_what_others_chose_of_an_open_characteristic_stays_allowed(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        root = folder(
            {
                "one/a.json": specification("A", characteristic("Speed", type="number")),
                "two/b.json": specification("B", characteristic("Speed", 100, 200, type="number")),
            }
        )
        bring(root / "one")
        assert not bring(root / "two").bad
        assert double.named("characteristics", "Speed")["values"] == []
        assert double.named("specifications", "B")["characteristics"][0]["values"] == ["100", "200"]
        for part in ("one", "two"):
            assert set(outcomes(bring(root / part))) == {Outcome.UNCHANGED}

    def test_a_characteristic_that_is_open_by_now_is_not_closed(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        def appear() -> None:
            double._create(
                "characteristics",
                {"name": "Speed", "value_type": "number", "unit_of_measure": "Gbps", "values": []},
            )

        double.faults = [("POST", "/characteristics", appear)]
        assert not bring(folder(small())).bad
        assert double.named("characteristics", "Speed")["values"] == []

    @pytest.mark.parametrize(
        "texts",
        [
            ("By hand", "", "By hand"),
            ("By hand", "Of the file", "By hand"),
            ("", "Of the file", "Of the file"),
        ],
    )
    def test_a_shared_characteristics_description_is_put_in_and_never_changed(
        self, bring: Bring, double: ContractDouble, folder: Folder, texts: tuple[str, str, str]
    ) -> None:
        theirs, ours, after = texts
        bring(folder(small()))
        double.named("characteristics", "Speed")["description"] = theirs
        files = small()
        files["x_spec.json"]["productSpecCharacteristic"][0]["description"] = ours
        assert not bring(folder(files)).bad
        assert double.named("characteristics", "Speed")["description"] == after

    def test_a_description_keeps_its_lines(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        files = small()
        files["x_offering.json"]["description"] = " Fast:\r\n- 1  Gbps\r- fibre\n\n"
        bring(folder(files))
        assert double.named("offerings", "Home")["description"] == "Fast:\n- 1  Gbps\n- fibre"
        assert set(outcomes(bring(folder(files)))) == {Outcome.UNCHANGED}
