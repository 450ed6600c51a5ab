"""docs/settings.md and docs/events.md say what the code does, and the code says what each setting means."""

from __future__ import annotations

import re
import subprocess
import sys

from apps.runtime import reference
from config.env import BASE_DIR


def test_the_pages_are_what_the_code_says():
    command = [sys.executable, "manage.py", "reference", "--check"]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_variable_of_the_compose_file_and_of_the_example_is_explained():
    explained = set(re.findall(r"^\| `([A-Z0-9_<>]+)`", reference.settings_page(), re.MULTILINE))
    patterns = [re.compile(re.sub(r"<\w+>", "[A-Z]+", name)) for name in explained]
    set_there = re.findall(r"^([A-Z][A-Z0-9_]+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE)
    assert set_there
    assert [name for name in set_there if not any(one.fullmatch(name) for one in patterns)] == []


def test_a_setting_is_told_with_its_default_and_its_comment(tmp_path):
    source = tmp_path / "settings.py"
    source.write_text(
        "from config import env\n"
        "# How many.\n"
        "MANY = env.env.int('MANY', default=3)\n"
        "WHERE = {s: env.env.str(f'{s.upper()}_AT', default=f'http://{at(s)}') for s in ()}\n"
    )
    many, where = reference.settings_below(tmp_path)
    assert many == reference.Setting("MANY", "number", "3", "How many.")
    assert (where.name, where.default, where.meaning) == ("<S>_AT", "http://<at(s)>", "")
