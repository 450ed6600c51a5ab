"""Reading files: whatever is wrong with one costs that one only."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from apps.importer.model import Kind
from apps.importer.read import UnreadableError, read
from tests.apps.importer.conftest import Folder
from tests.apps.importer.records import category, offering, price


def test_one_record_and_arrays_of_records_are_read_alike(folder: Folder) -> None:
    found = read(folder({"a.json": category("A"), "b.json": [category("B"), offering("C")]}))
    assert [(record.kind, record.data["name"], str(record.source)) for record in found.records] == [
        (Kind.CATEGORY, "A", "a.json"),
        (Kind.CATEGORY, "B", "b.json[0]"),
        (Kind.OFFERING, "C", "b.json[1]"),
    ]
    assert (found.files, found.failures) == (2, [])


def test_a_single_file_is_read_as_well_as_a_folder(folder: Folder) -> None:
    path = folder({"a.json": category("A"), "b.json": category("B")}) / "b.json"
    assert [record.data["name"] for record in read(path).records] == ["B"]


def test_folders_below_are_read_and_hidden_ones_are_not(folder: Folder) -> None:
    found = read(folder({"sub/a.json": category("A"), ".hidden/b.json": category("B"), "c.txt": "x"}))
    assert [str(record.source) for record in found.records] == ["sub/a.json"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "cannot be read as JSON"),
        ("", "cannot be read as JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        ('{"value": NaN}', "NaN is no JSON number"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("5", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ('["x"]', "must be a JSON object"),
        ('{"name": "x"}', "no @type"),
        ('{"@type": "Spaceship", "name": "x"}', "'Spaceship' is not one to import"),
        ('{"@type": ["Category"], "name": "x"}', "is not one to import"),
        ('{"@type": "Category", "name": "a\\u0000b"}', "contains a NUL character"),
        ('{"@type": "Category", "name": "A", "description": {"a": ["\\u0000"]}}', "contains a NUL"),
        ('{"@type": "Category", "name": "a\\ud800b"}', "half a surrogate pair"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_goes_on(
    folder: Folder, content: str | bytes, says: str
) -> None:
    found = read(folder({"bad.json": content, "good.json": category("Good")}))
    assert [record.data["name"] for record in found.records] == ["Good"]
    (failure,) = found.failures
    assert failure.source.file == "bad.json"
    assert says in failure.message


def test_a_bad_member_of_an_array_is_named_by_its_place(folder: Folder) -> None:
    found = read(folder({"all.json": [category("A"), 7, category("B")]}))
    assert [record.data["name"] for record in found.records] == ["A", "B"]
    assert str(found.failures[0].source) == "all.json[1]"


def test_an_extended_type_is_read_as_its_base_type(folder: Folder) -> None:
    found = read(
        folder({"a.json": offering("A") | {"@type": "FibreOffering", "@baseType": "ProductOffering"}})
    )
    assert found.records[0].kind is Kind.OFFERING


def test_amounts_never_pass_through_a_float(folder: Folder) -> None:
    found = read(
        folder({"a.json": '{"@type": "ProductOfferingPrice", "name": "A", "price": {"value": 0.1}}'})
    )
    assert found.records[0].data["price"]["value"] == Decimal("0.1")


def test_a_byte_order_mark_does_not_matter(folder: Folder) -> None:
    found = read(folder({"a.json": b'\xef\xbb\xbf{"@type": "Category", "name": "A"}'}))
    assert len(found.records) == 1


def test_a_missing_path_and_an_empty_folder_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no file and no folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(UnreadableError, match=r"holds no \.json file"):
        read(tmp_path)


def test_a_number_too_long_to_be_one_costs_its_file_only(folder: Folder) -> None:
    found = read(
        folder({"a.json": '{"@type": "Category", "name": ' + "9" * 5000 + "}", "b.json": price("B")})
    )
    assert len(found.records) == 1
    assert len(found.failures) == 1
