"""docs/settings.md and docs/events.md say what the code does, and the code says what each setting means."""

from __future__ import annotations

import re
import subprocess
import sys

from apps.runtime.reference import events, settings
from config.env import BASE_DIR


def test_the_pages_are_what_the_code_says():
    command = [sys.executable, "manage.py", "reference", "--check"]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_variable_of_the_compose_file_and_of_the_example_is_explained():
    explained = set(re.findall(r"^\| `([A-Z0-9_<>]+)`", settings.page(), re.MULTILINE))
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
    many, where = settings.settings_below(tmp_path)
    assert many == settings.Setting("MANY", "number", "3", "How many.")
    assert (where.name, where.default, where.meaning) == ("<S>_AT", "http://<at(s)>", "")


def test_every_kind_of_every_service_is_there():
    """By the schemas' titles, which must be what the kinds are called in event types."""
    program = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings.everything'; import django; django.setup();"
        "from importlib import import_module; from config.services import WRITE_SERVICES;"
        "[import_module(f'catalog_services.{name}.kinds') for name in ('identity', *WRITE_SERVICES)];"
        "from apps.outbox.kinds import registered; print(*sorted(kind.name for kind in registered()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=BASE_DIR, capture_output=True, text=True, check=True
    )
    told = set(re.findall(r"`catalog\.\w+\.(\w+)Created\.v1`", events.page()))
    assert told == set(done.stdout.split())
