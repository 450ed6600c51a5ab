"""Every command says what it takes, what its exit codes mean, and what it would do before it does it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

import manage
from apps.runtime.doctor import CURES
from config.env import BASE_DIR
from config.services import SERVICES
from manage import suite_commands, suite_parser

ONLY_LOOK = {"doctor", "status", "verify", "bench", "chaos", "test"}
"""The last three are at work on an instance of their own."""
ONLY_ADD = {"up", "demo", "backup", "create_user", "relay"}
"""They start what is not there, and can be repeated; or make one thing, and say so."""
LOOK_WITH_CHECK = {"messages", "reference"}

SERVICE_COMMANDS = {path.stem: path for path in BASE_DIR.glob("*/*/management/commands/[a-z]*.py")}
OWNER = {
    "create_user": "identity",
    "ensure_clients": "identity",
    "ensure_demo_users": "identity",
    "generate_keys": "identity",
    "rotate_keys": "identity",
    "forget": "store",
    "rebuild": "store",
    "verify": "store",
}


_TELL = """
import json, sys
from argparse import _SubParsersAction
import django
django.setup()
from django.core.management import load_command_class, get_commands

def actions(parser):
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from actions(below)
        else:
            yield action

told = {}
for name in sys.argv[1:]:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    told[name] = [parser.format_help(), [one.dest for one in actions(parser) if not one.help]]
print(json.dumps(told))
"""


@cache
def told_by(service: str) -> dict[str, tuple[str, list[str]]]:
    """Of each of a service's commands its help, and which of its arguments have none."""
    names = [name for name in SERVICE_COMMANDS if OWNER.get(name, "offering") == service]
    done = subprocess.run(
        [sys.executable, "-c", _TELL, *names],
        cwd=BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": SERVICES[service].settings_module},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: (text, unexplained) for name, (text, unexplained) in json.loads(done.stdout).items()}


def help_of(command: str) -> str:
    """As a person sees it, in one line."""
    if command in SERVICE_COMMANDS:
        text = told_by(OWNER.get(command, "offering"))[command][0]
    else:
        text = suite_parser(command, suite_commands()[command]).format_help()
    return " ".join(text.split())


EVERY = [*suite_commands(), *SERVICE_COMMANDS]


@pytest.mark.parametrize("command", EVERY)
def test_its_help_says_what_the_exit_codes_mean_and_how_to_try_it(command):
    told = help_of(command)
    assert re.search(r"Exit code: 0 \w", told)
    if command in LOOK_WITH_CHECK:
        assert "--check" in told
    elif command not in ONLY_LOOK | ONLY_ADD:
        assert "--dry-run" in told or "{list,retry,reconcile}" in told


@pytest.mark.parametrize(("name", "module"), suite_commands().items())
def test_each_argument_of_a_suite_command_is_explained(name, module):
    assert [action.dest for action in suite_parser(name, module)._actions if not action.help] == []


@pytest.mark.parametrize("command", SERVICE_COMMANDS)
def test_each_argument_of_a_services_command_is_explained(command):
    assert told_by(OWNER.get(command, "offering"))[command][1] == []


def test_what_the_doctor_prescribes_is_there():
    commands = {**suite_commands(), **SERVICE_COMMANDS}
    text = (BASE_DIR / "apps/runtime/doctor.py").read_text()
    prescribed = re.findall(r"manage\.py ((?:\{service\}|[\w-]+)(?: [\w-]+)?)", text)
    assert len(prescribed) >= len([cure for cure in CURES.values() if "manage.py" in cure])
    for cure in prescribed:
        first, _, second = cure.partition(" ")
        name = second if first in SERVICES or first == "{service}" else first.rstrip(",")
        assert name in commands, cure


def test_what_there_is_not_is_named():
    for arguments in (["migrate-all", "pricng"], ["pricng", "migrate"], ["offering", "reconcyle"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode
        assert "Traceback" not in done.stderr
        assert arguments[0 if arguments[1] == "migrate" else 1] in done.stdout + done.stderr


def test_a_database_that_is_away_is_a_sentence():
    for arguments in (["pricing", "retention"], ["migrate-all"], ["offering", "publications", "list"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
            env={**_environment(), "POSTGRES_URL": "postgresql://nobody@127.0.0.1:1"},
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "doctor" in done.stdout + done.stderr


def at_a_terminal(folder: Path, *arguments: str, question: str, typed: bytes) -> tuple[int, str]:
    """The exit code of a command that is answered so at its question, and all that it said."""
    person, terminal = pty.openpty()
    command = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env={**os.environ, "RUN_DIR": str(folder)},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    said = b""
    with suppress(OSError):  # the end of what is said at a terminal
        while some := os.read(person, 4096):
            said += some
            if said.endswith(question.encode()):
                os.write(person, typed)
    os.close(person)
    return command.wait(), said.decode()


@pytest.mark.parametrize(
    ("arguments", "question", "code", "told"),
    [
        (["down", "--erase"], "Type yes to go on: ", 1, "nothing was done"),
        (["store", "forget"], "Type yes to go on: ", 1, "Nothing was done."),
        (["identity", "create_user", "bob", "--role", "viewer"], "Password: ", 130, "stopped by you"),
        (["import-catalog", "--username", "bob"], "Password of bob: ", 130, "stopped by you"),
    ],
)
def test_who_ends_the_input_at_a_question_has_not_agreed(tmp_path, arguments, question, code, told):
    exit_code, said = at_a_terminal(tmp_path, *arguments, question=question, typed=b"\x04")
    assert "Traceback" not in said
    assert exit_code == code
    assert re.search(rf"^(\x1b\[[\d;]*m|CommandError: )*{told}", said, re.MULTILINE)


def told_when_interrupted(*arguments: str) -> int:
    try:
        return manage.main(list(arguments))
    except KeyboardInterrupt:  # which would end the tests
        pytest.fail("It is a traceback.")


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("arguments", [["doctor"], ["help"]])
def test_who_interrupts_while_a_command_is_looked_for_is_told_so(arguments, monkeypatch, capsys):
    """It imports what takes seconds."""
    monkeypatch.setattr(manage, "suite_commands", interrupted)
    assert told_when_interrupted(*arguments) == 130
    assert capsys.readouterr().err == "stopped by you\n"


def test_who_interrupts_a_command_of_a_service_is_told_so(monkeypatch, capsys):
    monkeypatch.setattr("django.core.management.execute_from_command_line", interrupted)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "")
    assert told_when_interrupted("store", "verify") == 130
    assert capsys.readouterr().err == "stopped by you\n"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.endswith("_DATABASE_URL")}
