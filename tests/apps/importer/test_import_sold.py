"""An import meets offerings that are sold or were retired: what it does not change, and says."""

from __future__ import annotations

import pytest

from apps.importer.client import Json, SuiteClient
from apps.importer.model import Kind
from apps.importer.results import Outcome, Publishing
from tests.apps.importer.conftest import Folder
from tests.apps.importer.contract_double import ContractDouble
from tests.apps.importer.outcomes import Bring, outcomes, result_of, small


def test_a_published_offering_that_differs_is_a_conflict_and_stays_as_it_is(
    bring: Bring, double: ContractDouble, folder: Folder
) -> None:
    bring(folder(small()), publish=True)
    files = small()
    files["x_offering.json"]["description"] = "New"
    result = result_of(bring(folder(files), publish=True), Kind.OFFERING, "Home")
    assert (result.outcome, list(result.changes)) == (Outcome.CONFLICT, ["description"])
    assert "It is PUBLISHED and can no longer be changed (description)" in result.messages[0]
    assert result.publishing is Publishing.ALREADY
    assert double.named("offerings", "Home")["description"] == ""


@pytest.mark.parametrize("publish", [True, False])
def test_a_published_offering_that_its_source_sells_no_longer_is_a_conflict(
    bring: Bring, double: ContractDouble, folder: Folder, publish: bool
) -> None:
    bring(folder(small()), publish=True)
    files = small()
    files["x_offering.json"]["lifecycleStatus"] = "Retired"
    results = bring(folder(files), publish=publish)
    result = result_of(results, Kind.OFFERING, "Home")
    said = "It is PUBLISHED, but its lifecycleStatus 'Retired' says that it is not for sale: retire it."
    assert (result.outcome, result.messages, results.bad) == (Outcome.CONFLICT, [said], True)
    assert not any("draft" in assumption.text for assumption in result.item.assumptions)

    double.named("offerings", "Home")["lifecycle_status"] = "RETIRED"
    again = bring(folder(files), publish=publish)
    assert (outcomes(again), again.bad) == ({Outcome.UNCHANGED: 5}, False)
    assert result_of(again, Kind.OFFERING, "Home").publishing is Publishing.NOT_ASKED
    files["x_offering.json"]["description"] = "New"
    assert outcomes(bring(folder(files), publish=publish)) == {Outcome.UNCHANGED: 5}


def test_what_was_retired_stays_so_until_somebody_wants_it_anew(
    bring: Bring, double: ContractDouble, folder: Folder, at_once: int
) -> None:
    bring(folder(small()), publish=True)
    retired = double.named("offerings", "Home")
    retired["lifecycle_status"] = "RETIRED"
    results = bring(folder(small()), publish=True)
    assert (outcomes(results), results.bad) == ({Outcome.UNCHANGED: 5}, True)
    cure = "an import with --anew makes a new one."
    assert result_of(results, Kind.OFFERING, "Home").publishing_message == f"It is retired; {cure}"

    files = small()
    files["x_offering.json"]["description"] = "New"
    result = result_of(bring(folder(files), publish=True), Kind.OFFERING, "Home")
    said = f"It is RETIRED and can no longer be changed (description); {cure}"
    assert (result.outcome, result.messages) == (Outcome.CONFLICT, [said])

    result = result_of(bring(folder(files), anew=True), Kind.OFFERING, "Home")
    assert (result.outcome, result.status) == (Outcome.CREATED, "DRAFT")
    assert retired["description"] == ""
    double.rows["offerings"] = dict(reversed(double.rows["offerings"].items()))
    again = result_of(bring(folder(files), anew=True), Kind.OFFERING, "Home")
    assert (again.outcome, again.id) == (Outcome.UNCHANGED, result.id)


def test_a_new_one_that_somebody_makes_meanwhile_is_looked_at(
    bring: Bring, double: ContractDouble, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(folder(small()), publish=True)
    double.named("offerings", "Home")["lifecycle_status"] = "RETIRED"
    create = SuiteClient.create

    def late(client: SuiteClient, kind: Kind, body: Json) -> Json:
        create(client, kind, body)
        return create(client, kind, body)

    monkeypatch.setattr(SuiteClient, "create", late)
    result = result_of(bring(folder(small()), anew=True), Kind.OFFERING, "Home")
    assert (result.outcome, result.status) == (Outcome.UNCHANGED, "DRAFT")


def test_white_space_alone_is_no_difference_of_a_description(
    bring: Bring, double: ContractDouble, folder: Folder
) -> None:
    files = small()
    files["x_offering.json"]["description"] = "One line.\nAnd another."
    bring(folder(files), publish=True)
    double.named("offerings", "Home")["description"] = "One line.\r\nAnd  another."
    assert outcomes(bring(folder(files), publish=True)) == {Outcome.UNCHANGED: 5}
