"""What the supervisor is told is what runs."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from apps.runtime import credentials, suite, supervision
from apps.runtime.program import Program

PROBE = (
    "import json, os, sys, time; seen = [sys.argv[1:], os.environ.get('SAYING')]; "
    "json.dump(seen, open('seen', 'w')); time.sleep(60)"
)


def test_arguments_and_environment_arrive_with_their_spaces_quotes_and_percent_signs(
    script, instance: Path
) -> None:
    awkward = ("100%", "two words", "it's", 'say "hi"', "a;b")
    program = script("probe", PROBE, *awkward, ready=lambda: bool((instance / "seen").read_text()))
    program.environment["SAYING"] = "50 % of two words"
    suite.bring_up([program])
    assert json.loads((instance / "seen").read_text()) == [list(awkward), "50 % of two words"]


def test_settings_named_in_the_persons_shell_do_not_reach_the_services(
    script, instance: Path, monkeypatch
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "somebody.elses.settings")
    code = "import os, time; open('seen', 'w').write(os.environ.get('DJANGO_SETTINGS_MODULE', 'none')); time.sleep(60)"
    suite.bring_up([script("probe", code, ready=lambda: bool((instance / "seen").read_text()))])
    assert (instance / "seen").read_text() == "none"


def test_a_program_that_stands_back_does(script, instance: Path) -> None:
    code = "import os, time; open('seen', 'w').write(str(os.nice(0))); time.sleep(60)"
    program = script("probe", code, ready=lambda: bool((instance / "seen").read_text()))
    suite.bring_up([replace(program, niceness=7)])
    assert int((instance / "seen").read_text()) == os.nice(0) + 7


def test_the_same_programs_give_the_same_configuration(redis_part: Program) -> None:
    assert supervision.render([redis_part]) == supervision.render([redis_part])


def test_a_changed_program_is_restarted_and_a_removed_one_stopped(script, redis_part: Program) -> None:
    sleeper = script("sleeper", "import time; time.sleep(60)")
    suite.bring_up([redis_part, sleeper])
    before = {name: row["pid"] for name, row in supervision.states().items()}
    changed = script("sleeper", "import time; time.sleep(61)")
    suite.bring_up([redis_part, changed])
    after = {name: row["pid"] for name, row in supervision.states().items()}
    assert after["redis"] == before["redis"]
    assert after["sleeper"] not in {0, before["sleeper"]}
    suite.bring_up([redis_part])
    assert set(supervision.states()) == {"redis"}


def test_files_with_secrets_are_for_their_owner_only(redis_part: Program, instance: Path) -> None:
    suite.bring_up([redis_part])
    secret_files = (
        credentials.secrets_file(),
        supervision.config_file(),
        instance / "data" / "redis" / "valkey.conf",
    )
    assert {path.stat().st_mode & 0o777 for path in secret_files} == {0o600}


def test_no_command_line_carries_a_secret(instance: Path) -> None:
    values = [line.split("=", 1)[1] for line in credentials.secrets_file().read_text().splitlines()]
    for program in suite.known_programs():
        assert not any(value in argument for value in values for argument in program.command), program.name
