"""The test command finds every test, counts honestly, and keeps suites apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.runtime import testing
from apps.runtime.testing import Outcome, Suite
from config import env


def test_every_test_file_belongs_to_exactly_one_suite() -> None:
    suites = [
        suite for suite in testing.discover() if not suite.engine
    ]  # that one's tests are others' once more
    for file in testing.TESTS.rglob("test_*.py"):
        if "def test_" not in file.read_text():
            continue
        owners = [
            s.name
            for s in suites
            if file.is_relative_to(s.folder) and not any(file.is_relative_to(i) for i in s.ignore)
        ]
        assert len(owners) == 1, f"{file} is in {owners}"


@pytest.fixture
def toy(instance: Path, tmp_path: Path):
    """``toy(text)`` makes a suite of one file."""

    def make(text: str) -> Suite:
        folder = tmp_path / "toy"
        folder.mkdir()
        (folder / "test_toy.py").write_text(text)
        return Suite("toy", folder)

    return make


def test_passed_failed_broken_and_skipped_tests_are_counted(toy) -> None:
    outcome = testing.run(
        toy(
            "import pytest\n"
            "@pytest.fixture\ndef broken(): raise RuntimeError\n"
            "def test_good(): pass\n"
            "def test_bad(): assert False\n"
            "def test_setup(broken): pass\n"
            "def test_later(): pytest.skip('later')\n"
        ),
        1,
    )
    assert (outcome.passed, outcome.failed, outcome.skipped) == (1, 2, 1)
    assert {name.split("::")[1] for name in outcome.names} == {"test_bad", "test_setup"}
    assert [(name.split("::")[1], reason) for name, reason in outcome.left_out] == [("test_later", "later")]


@pytest.mark.parametrize(
    "text", ["import no_such_module\ndef test_x(): pass\n", "import os\ndef test_x(): os._exit(9)\n"]
)
def test_a_suite_that_breaks_off_counts_as_failed(toy, text: str) -> None:
    assert testing.run(toy(text), 1).failed == 1


def test_a_suite_where_no_test_was_chosen_has_not_failed(toy) -> None:
    outcome = testing.run(toy("def test_x(): pass\n"), 1, expression="another")
    assert (outcome.passed, outcome.failed) == (0, 0)


def test_two_suites_share_neither_a_redis_nor_a_stand_in_database(instance: Path) -> None:
    apps, pricing = Suite("apps", testing.TESTS), Suite("pricing", testing.TESTS, service="pricing")
    of_apps, of_pricing = testing.environment(apps, 1), testing.environment(pricing, 2)
    assert of_apps["REDIS_URL"] != of_pricing["REDIS_URL"] != env.part_url("redis")
    assert of_apps["CHARACTERISTIC_DATABASE_URL"] != env.database_url("characteristic")
    assert "PRICING_DATABASE_URL" not in of_pricing


def test_whatever_was_skipped_is_named_with_its_reason(capsys, instance: Path) -> None:
    no_browser = "NO BROWSER, the admin was not tried as a person would"
    first = Outcome(Suite("a", testing.TESTS), skipped=1, left_out=[("a::x", "no [bold] engine")])
    second = Outcome(
        Suite("e2e", testing.TESTS), skipped=2, left_out=[("e2e::y", no_browser), ("e2e::z", no_browser)]
    )
    assert testing.summarise([first, second]) is True
    said = capsys.readouterr().out.splitlines()
    assert said[-5:-1] == [
        "SKIPPED a::x: no [bold] engine",
        f"SKIPPED 2 tests: {no_browser}",
        "    e2e::y",
        "    e2e::z",
    ]


def test_the_closing_line_counts_everything(capsys, instance: Path) -> None:
    first = Outcome(Suite("a", testing.TESTS), passed=3, skipped=1)
    second = Outcome(Suite("b", testing.TESTS), passed=2, failed=1, names=["b::x"])
    assert testing.summarise([first]) is True
    assert testing.summarise([first, second]) is False
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 1 failed, 1 skipped"
