"""The shape of the house that import-linter cannot see."""

from __future__ import annotations

import ast
import re

import pytest

from config.env import BASE_DIR
from config.services import SERVICES, WRITE_SERVICES

PYTHON = [p for top in ("apps", "catalog_services", "config") for p in (BASE_DIR / top).rglob("*.py")]
ROOMS = ("domain", "actions", "selectors", "models", "api", "admin", "migrations")


def test_the_top_level_holds_what_the_design_names():
    allowed = {
        "catalog_services", "apps", "bpmn", "config", "manage.py", "tests", "docker-compose.yml", "pyproject.toml",
        "README.md", "requirements", "Makefile", "docs", "LICENSE", "locale",
    }  # fmt: skip
    found = {p.name for p in BASE_DIR.iterdir() if not p.name.startswith(".") and p.name != "static"}
    assert found <= allowed, found - allowed


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_of_the_registry_is_a_project_of_its_own(service):
    folder = BASE_DIR / "catalog_services" / service
    for name in ("settings.py", "urls.py", f"{SERVICES[service].server}.py"):
        assert (folder / name).is_file(), name


@pytest.mark.parametrize("service", WRITE_SERVICES)
def test_a_write_service_has_the_same_rooms_as_the_others(service):
    folder = BASE_DIR / "catalog_services" / service
    for room in ROOMS:
        assert (folder / room).is_dir(), room
    for name in ("celery.py", "kinds.py", "tasks.py"):
        assert (folder / name).is_file(), name


def test_no_module_is_longer_than_400_lines():
    assert [str(p) for p in PYTHON if len(p.read_text().splitlines()) > 400] == []


def test_only_the_environment_module_reads_the_environment():
    allowed = {"config/env.py"}
    reading = re.compile(r"os\.environ(\.get\(|\[)(?!.*DJANGO_SETTINGS_MODULE)|os\.getenv")
    offenders = [
        str(p.relative_to(BASE_DIR))
        for p in PYTHON
        if reading.search(p.read_text()) and str(p.relative_to(BASE_DIR)) not in allowed
    ]
    assert offenders == []


def test_only_one_module_makes_clients_of_our_own_services_and_parts():
    """Each would have to think of the proxies of the environment; aiohttp, the gateway's, is told where it is made."""
    making = re.compile(
        r"\bhttpx\.(?:get|options|head|post|put|patch|delete|request|stream|(?:Async)?Client\()"
        r"|\brequests\.(?:get|options|head|post|put|patch|delete|request|[sS]ession)\b"
        r"|\burlopen\b|\bClientSession\((?![^()]*(?:\([^()]*\)[^()]*)*trust_env=False)"
    )
    found = {str(p.relative_to(BASE_DIR)): making.findall(p.read_text()) for p in PYTHON}
    assert {path: calls for path, calls in found.items() if calls}.keys() == {"apps/core/http.py"}


def test_an_action_is_one_verb_in_a_file_of_its_name():
    verbs = ("create", "update", "delete", "retire", "publish", "lock", "unlock", "release")
    for path in (BASE_DIR / "catalog_services").glob("*/actions/*.py"):
        if path.stem.rsplit("_", 1)[-1] in verbs:
            assert re.search(rf"^def {path.stem}\(", path.read_text(), re.MULTILINE), path


def _is_there(name: str) -> bool:
    """Whether a dotted name is a module, or something that is named in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        place = BASE_DIR.joinpath(*parts[:count])
        module = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if module.is_file():
            return count == len(parts) or bool(re.search(rf"\b{parts[count]}\b", module.read_text()))
    return False


def test_a_docstring_names_modules_that_there_are():
    named = [
        (str(path.relative_to(BASE_DIR)), name)
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for name in re.findall(
            r"(?<![\w./])(?:apps|catalog_services|config)(?:\.\w+)+", ast.get_docstring(node) or ""
        )
    ]
    assert len(named) > 5
    assert [(path, name) for path, name in named if not _is_there(name)] == []
