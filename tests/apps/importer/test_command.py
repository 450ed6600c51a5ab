"""``manage.py import-catalog`` as a person runs it: what it prints, its report file, its exit code."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.runtime.commands import import_catalog
from tests.apps.importer.conftest import Folder
from tests.apps.importer.contract_double import PASSWORD, USERNAME, ContractDouble, Refused
from tests.apps.importer.records import characteristic, offering, price
from tests.apps.importer.test_import import small


@pytest.fixture
def command(double: ContractDouble, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, password: str = PASSWORD) -> int:
        parser = argparse.ArgumentParser()
        import_catalog.add_arguments(parser)
        given = [*arguments, "--url", double.url, "--username", USERNAME, "--password", password]
        return import_catalog.run(parser.parse_args(given))

    return run


def test_an_import_says_what_it_did_and_what_it_assumed(
    command: Callable[..., int], folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(str(folder(small())), "--publish", "--channel", "shop", "--channel", "partner") == 0
    said = capsys.readouterr().out
    assert "Everything was imported." in said
    assert "price-by-file-name (1)" in said
    assert "It names no channel: shop, partner." in said


def test_a_second_run_says_that_there_is_nothing_to_do(
    command: Callable[..., int], folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    command(str(folder(small())))
    capsys.readouterr()
    assert command(str(folder(small()))) == 0
    assert "the suite already has all of it, unchanged" in capsys.readouterr().out


def test_a_dry_run_prints_the_differences(
    command: Callable[..., int], folder: Folder, double: ContractDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    command(str(folder(small())))
    files = small()
    files["x_price.json"]["price"]["value"] = 31
    files["y_offering.json"] = offering("Second [new]")
    files["x_spec.json"]["productSpecCharacteristic"].append(characteristic("Colour", "Red"))
    capsys.readouterr()
    writes = len(double.writes)
    assert command(str(folder(files)), "--dry-run") == 0
    said = capsys.readouterr().out
    assert "~ price Home fee" in said
    assert "value: '29.9' -> '31'" in said
    assert "+ offering Second [new]" in said
    assert "    characteristics: [] -> [{configurable: False, default: 'Red', id: '(new) Colour'" in said
    assert "Dry run: nothing was written" in said
    assert len(double.writes) == writes


def test_errors_are_named_with_their_file_and_give_exit_code_1(
    command: Callable[..., int], folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    files = small() | {"broken.json": "{", "y_price.json": price("Wrong", 5, "KWD")}
    assert command(str(folder(files))) == 1
    said = capsys.readouterr().out
    assert "unreadable broken.json: The file cannot be read as JSON" in said
    assert (
        "failed price 'Wrong' (y_price.json): The data is not valid. (currency: KWD is no currency.)" in said
    )
    assert "2 of 7 items need attention." in said


def test_a_refusal_is_said_once_with_names_in_the_place_of_ids(
    command: Callable[..., int], folder: Folder, double: ContractDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        missing = double.named("characteristics", "Speed")["id"]
        text = f"No specification of this offering has the characteristic {missing}."
        raise Refused(400, text, characteristic_values=text)

    double.faults = [("POST", "/offerings$", refuse)]
    assert command(str(folder(small()))) == 1
    assert (
        "failed offering 'Home' (x_offering.json): characteristic_values: "
        "No specification of this offering has the characteristic 'Speed'.\n"
    ) in capsys.readouterr().out


def test_the_report_file_has_every_item_and_every_assumption(
    command: Callable[..., int], folder: Folder, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "report.json"
    target.parent.mkdir()
    command(str(folder(small())), "--report", str(target))
    report = json.loads(target.read_text(encoding="utf-8"))
    assert [item["outcome"] for item in report["items"]] == ["created"] * 5
    home = next(item for item in report["items"] if item["name"] == "Home")
    assert home["source"] == "x_offering.json"
    rules = {assumption["rule"] for assumption in home["assumptions"]}
    assert {"channel-default", "reference", "external-id"} <= rules <= report["rules"].keys()


def test_a_sign_in_that_is_refused_meanwhile_leaves_a_whole_report_of_what_was_done(
    command: Callable[..., int],
    folder: Folder,
    double: ContractDouble,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    double.faults = [("POST", "/offerings$", double.shut_out)]
    target = tmp_path / "report" / "of.json"
    target.parent.mkdir()
    assert command(str(folder(small())), "--publish", "--report", str(target)) == 1
    said = capsys.readouterr().out
    assert "Nothing was imported" not in said
    assert "1 of 5 items need attention." in said
    report = json.loads(target.read_text(encoding="utf-8"))
    assert [item["outcome"] for item in report["items"]] == ["created"] * 4 + ["failed"]


def test_a_report_file_that_cannot_be_written_is_said_and_the_import_stays_done(
    command: Callable[..., int], folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(str(folder(small())), "--report", str(tmp_path / "nowhere" / "report.json")) == 1
    said = capsys.readouterr().out
    assert "Everything was imported." in said
    assert "The report was not written" in said


@pytest.mark.parametrize(
    ("path", "password"),
    [("nowhere", PASSWORD), ("", "guess")],
)
def test_what_cannot_even_start_gives_exit_code_2(
    command: Callable[..., int], folder: Folder, path: str, password: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(str(folder(small()) / path), password=password) == 2
    says = "no file and no folder" if path else "user name or the password is wrong"
    assert says in capsys.readouterr().out.replace("\n", " ")
