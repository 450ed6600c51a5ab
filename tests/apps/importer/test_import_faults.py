"""Imports that meet faults, and the publishing after them."""

from __future__ import annotations

import pytest

from apps.importer import existing
from apps.importer.auth import SignInRefused
from apps.importer.client import SuiteClient
from apps.importer.model import Kind
from apps.importer.problem import Problem, Unreachable
from apps.importer.results import Outcome, Publishing
from apps.importer.run import import_catalog
from tests.apps.importer.conftest import Folder
from tests.apps.importer.contract_double import PASSWORD, USERNAME, ContractDouble
from tests.apps.importer.outcomes import Bring, outcomes, result_of, small
from tests.apps.importer.records import category, characteristic, offering, price, specification


class TestFaults:
    @pytest.mark.parametrize(
        "fault",
        [
            ("GET", "/prices", 503),
            ("POST", "/prices", 503),
            ("POST", "/offerings", 429),
            ("GET", "/cat", 502),
        ],
    )
    def test_an_answer_to_come_again_is_waited_out(
        self, bring: Bring, double: ContractDouble, folder: Folder, fault: tuple[str, str, int]
    ) -> None:
        double.faults = [fault] * 2
        results = bring(folder(small()))
        assert outcomes(results) == {Outcome.CREATED: 5}
        assert double.faults == []

    def test_a_create_whose_answer_was_lost_is_not_done_twice(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.faults = [("POST", "/offerings", 0), ("POST", "/catalogs", 0), ("POST", "/categories", 0)]
        results = bring(folder(small()))
        assert not results.bad
        assert (len(double.rows["offerings"]), len(double.rows["categories"])) == (1, 1)

    def test_a_change_in_between_is_looked_at_again(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        bring(folder(small()))
        row = double.named("prices", "Home fee")
        files = small()
        files["x_price.json"]["price"]["value"] = 31
        double.faults = [("PATCH", "/prices", lambda: row.update(version=row["version"] + 1, unit="a month"))]
        results = bring(folder(files))
        assert not results.bad
        assert (row["value"], row["unit"]) == ("31", "per month")

    def test_values_that_were_added_in_between_stay(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        bring(folder(small()))
        row = double.named("characteristics", "Speed")
        files = small()
        files["y_spec.json"] = specification("Copper", characteristic("Speed", "2 Gbps"))

        def added() -> None:
            values = [{"value": "7", "is_default": True}, {"value": "1", "is_default": False}]
            row.update(version=row["version"] + 1, name="SPEED", values=values)

        double.faults = [("PATCH", "/characteristics", added)]
        results = bring(folder(files))
        assert not results.bad
        assert [(value["value"], value["is_default"]) for value in row["values"]] == [
            ("1", False),
            ("2", False),
            ("7", True),
        ]
        assert row["name"] == "SPEED"
        assert outcomes(bring(folder(files))) == {Outcome.UNCHANGED: 6}

    def test_a_value_that_was_added_before_its_item_was_looked_at_stays(
        self, bring: Bring, double: ContractDouble, folder: Folder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(existing, "AT_ONCE", 0)
        bring(folder(small()))
        row = double.named("characteristics", "Speed")
        files = small()
        files["y_spec.json"] = specification("Copper", characteristic("Speed", "2 Gbps"))

        def looked_at() -> None:
            def added() -> None:
                values = [*row["values"], {"value": "7", "is_default": False}]
                row.update(version=row["version"] + 1, values=values)

            double.faults.append(("GET", "/characteristics", added))

        # The first two looks are at what there is at the start; the next is for the item itself.
        double.faults = [("GET", "/characteristics", lambda: None), ("GET", "/characteristics", looked_at)]
        results = bring(folder(files))
        assert not results.bad
        assert double.faults == []
        assert [value["value"] for value in row["values"]] == ["1", "2", "7"]

    def test_a_characteristic_that_was_made_otherwise_in_between_stays_as_it_is(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        made = {"name": "Speed", "value_type": "number", "unit_of_measure": "Mbps", "values": []}
        double.faults = [
            ("POST", "/characteristics", lambda: double._create("characteristics", dict(made)) and None)
        ]
        results = bring(folder(small()))
        result = result_of(results, Kind.CHARACTERISTIC, "Speed")
        assert (result.outcome, result.messages) == (
            Outcome.FAILED,
            [
                "The suite has it as number in Mbps by now, this import as number in Gbps; "
                "import again or change one of the two."
            ],
        )
        assert double.named("characteristics", "Speed")["unit_of_measure"] == "Mbps"

    def test_a_locked_price_is_waited_for(self, bring: Bring, double: ContractDouble, folder: Folder) -> None:
        bring(folder(small()))
        files = small()
        files["x_price.json"]["price"]["value"] = 31
        double.faults = [("PATCH", "/prices", 423)] * 2
        assert result_of(bring(folder(files)), Kind.PRICE, "Home fee").outcome is Outcome.UPDATED

    def test_patience_ends_and_costs_only_the_item(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.faults = [("POST", "/categories", 503)] * 99
        results = bring(folder(small()), patience=0.3)
        assert result_of(results, Kind.CATEGORY, "Net").messages == ["Come again later."]
        assert result_of(results, Kind.PRICE, "Home fee").outcome is Outcome.CREATED

    @pytest.mark.parametrize("path", ["/characteristics", "/categories"])
    def test_what_cannot_be_decompressed_is_asked_for_again(
        self, bring: Bring, double: ContractDouble, folder: Folder, path: str
    ) -> None:
        double.faults = [(method, path, double.GARBLED) for method in ("GET", "POST")]
        results = bring(folder(small()))
        assert not results.bad
        assert outcomes(results) == {Outcome.CREATED: 5}

    def test_a_sign_in_that_cannot_be_decompressed_is_said(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.faults = [("POST", "/auth/", double.GARBLED)]
        with pytest.raises(Unreachable, match=r"does not answer: .*decompressing"):
            bring(folder(small()))

    @pytest.mark.parametrize("refresh_works", [True, False])
    def test_an_expired_token_is_renewed(
        self, bring: Bring, double: ContractDouble, folder: Folder, refresh_works: bool
    ) -> None:
        double.refresh_works = refresh_works
        double.faults = [
            (method, path, double.expire)
            for method, path in (
                ("GET", "/prices"),
                ("POST", "/offerings$"),
                ("POST", "/publish"),
                ("GET", "/publi"),
            )
        ]
        results = bring(folder(small()), publish=True)
        assert not results.bad
        assert double.faults == []
        assert double.requests["POST auth"] >= 5

    def test_a_sign_in_that_is_refused_meanwhile_costs_only_what_is_not_done(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.faults = [("POST", "/offerings$", double.shut_out)]
        results = bring(
            folder(small() | {"z_offering.json": offering("Other", productSpecification={"id": "F-1"})})
        )
        assert outcomes(results) == {Outcome.CREATED: 4, Outcome.FAILED: 2}
        for name in ("Home", "Other"):
            assert result_of(results, Kind.OFFERING, name).messages == [
                "The sign-in is refused: The user name or the password is wrong."
            ]

    def test_a_sign_in_that_was_refused_is_not_tried_for_every_item(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.faults = [("POST", "/categories", double.shut_out)]
        results = bring(folder({"many.json": [category(f"C{number}") for number in range(30)]}))
        assert outcomes(results)[Outcome.FAILED] >= 20
        # The sign-in at the start, then once with the refresh token and once with the password.
        assert double.requests["POST auth"] == 3

    @pytest.mark.parametrize("path", ["/prices", "/categories"])
    def test_an_answer_that_is_no_json_costs_only_the_item(
        self, bring: Bring, double: ContractDouble, folder: Folder, path: str
    ) -> None:
        double.faults = [("POST", path, double.PAGE)]
        results = bring(folder(small()))
        assert outcomes(results) == {Outcome.CREATED: 3, Outcome.FAILED: 1, Outcome.SKIPPED: 1}
        (failed,) = [result for result in results.items if result.outcome is Outcome.FAILED]
        assert failed.messages == [
            f"POST /api/v1{path} was answered with something that is no JSON (HTTP 200, text/html)."
        ]

    def test_a_page_in_the_place_of_the_suite_is_said_at_once(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.faults = [("GET", "/characteristics", double.PAGE)]
        with pytest.raises(
            Problem, match="GET /api/v1/characteristics was answered with something that is no JSON"
        ):
            bring(folder(small()))
        assert double.writes == []

    def test_wrong_credentials_are_said_at_once(self, double: ContractDouble, folder: Folder) -> None:
        with (
            SuiteClient(double.url, USERNAME, "guess") as client,
            pytest.raises(SignInRefused, match="is wrong"),
        ):
            import_catalog(folder(small()), client)

    def test_a_suite_that_is_not_there_is_said_at_once(self, double: ContractDouble, folder: Folder) -> None:
        double.stop()
        with (
            SuiteClient(double.url, USERNAME, PASSWORD) as client,
            pytest.raises(Unreachable, match="not answer"),
        ):
            import_catalog(folder(small()), client)


class TestPublishing:
    def test_members_are_published_before_their_bundle(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        bundle = offering("Bundle", bundledProductOffering=[{"name": "Home"}])
        results = bring(
            folder({"a_offering.json": bundle, "a_price.json": price("B")} | small()), publish=True
        )
        assert not results.bad
        assert double.named("offerings", "Bundle")["lifecycle_status"] == "PUBLISHED"

    def test_a_failed_publication_is_reported_with_its_reason_and_its_bundle_is_not_tried(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.failing_publications = {"Home"}
        bundle = offering("Bundle", bundledProductOffering=[{"name": "Home"}])
        results = bring(
            folder({"a_offering.json": bundle, "a_price.json": price("B")} | small()), publish=True
        )
        home, whole = (result_of(results, Kind.OFFERING, name) for name in ("Home", "Bundle"))
        assert home.publishing is Publishing.FAILED
        assert home.publishing_message == "FAILED: validate-specifications: the specification is gone"
        assert (whole.publishing, whole.publishing_message) == (
            Publishing.FAILED,
            "Its member 'Home' is not published.",
        )
        assert len(double.publications) == 1
        assert results.bad

    def test_a_sign_in_that_is_refused_meanwhile_is_the_reason_why_it_is_not_published(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.faults = [("POST", "/publish$", double.shut_out)]
        results = bring(folder(small()), publish=True)
        assert outcomes(results) == {Outcome.CREATED: 5}
        home = result_of(results, Kind.OFFERING, "Home")
        assert home.publishing is Publishing.FAILED
        assert home.publishing_message == ("The sign-in is refused: The user name or the password is wrong.")

    def test_the_next_run_tries_again_what_failed(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.failing_publications = {"Home"}
        bring(folder(small()), publish=True)
        double.failing_publications = set()
        results = bring(folder(small()), publish=True)
        assert outcomes(results) == {Outcome.UNCHANGED: 5}
        assert result_of(results, Kind.OFFERING, "Home").publishing is Publishing.PUBLISHED

    def test_a_publication_that_runs_already_is_waited_for(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        bring(folder(small()))
        double._publish(double.named("offerings", "Home"))
        result = result_of(bring(folder(small()), publish=True), Kind.OFFERING, "Home")
        assert result.publishing is Publishing.PUBLISHED
        assert len(double.publications) == 1

    def test_a_publish_whose_answer_was_lost_is_not_asked_twice(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        double.faults = [("POST", "/publish$", 0)]
        result = result_of(bring(folder(small()), publish=True), Kind.OFFERING, "Home")
        assert result.publishing is Publishing.PUBLISHED
        assert len(double.publications) == 1

    def test_what_is_missing_for_publishing_is_the_suites_own_message(
        self, bring: Bring, folder: Folder
    ) -> None:
        results = bring(folder({"a.json": offering("A")}), publish=True)
        result = result_of(results, Kind.OFFERING, "A")
        assert (result.outcome, result.publishing) == (Outcome.CREATED, Publishing.FAILED)
        assert result.publishing_message == "Missing: pricing_ids, specification_ids."

    def test_an_offering_that_is_not_active_stays_a_draft(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        files = small()
        files["x_offering.json"]["lifecycleStatus"] = "In design"
        results = bring(folder(files), publish=True)
        assert result_of(results, Kind.OFFERING, "Home").publishing is Publishing.DRAFT
        assert not results.bad
        assert double.publications == {}

    def test_a_publication_that_does_not_end_is_reported(
        self, bring: Bring, double: ContractDouble, folder: Folder
    ) -> None:
        results = bring(folder(small()), publish=True, publish_timeout=0.0)
        result = result_of(results, Kind.OFFERING, "Home")
        assert result.publishing_message == "After 0 s its publication is still RUNNING."
