"""What the importer's tests share: folders of records, the real catalog, and the demo catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.importer.client import SuiteClient
from apps.importer.model import Item, Kind, Plan
from apps.importer.normalise import normalise
from apps.importer.read import read
from apps.importer.results import Results
from apps.importer.run import import_catalog
from tests.apps.importer.contract_double import PASSWORD, USERNAME, ContractDouble

REPOSITORY = Path(__file__).resolve().parents[3]
REAL_CATALOG = REPOSITORY.parent / "shared" / "oda-catalog"
DEMO_CATALOG = REPOSITORY / "apps" / "importer" / "demo_catalog"

Folder = Callable[[dict[str, Any]], Path]


@pytest.fixture
def real_catalog() -> Path:
    """The messy catalog of 46 files, which the project reads where it stands and never copies."""
    if not REAL_CATALOG.is_dir():
        pytest.skip(f"the real catalog is not on this machine: {REAL_CATALOG}")
    return REAL_CATALOG


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write files, ``{name: record or list of records or raw text or bytes}``, and give their folder."""

    def write(files: dict[str, Any]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(
                    content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
                )
        return tmp_path

    return write


@pytest.fixture
def plan(folder: Folder) -> Callable[..., Plan]:
    """The plan for some files."""

    def make(files: dict[str, Any], **options: Any) -> Plan:
        return normalise(read(folder(files)), **options)

    return make


def only(plan: Plan, kind: Kind, name: str = "") -> Item:
    """The one item of a kind (of that name)."""
    found = [item for item in plan.of(kind) if not name or item.name == name]
    assert len(found) == 1, [item.name for item in plan.of(kind)]
    return found[0]


def rules_of(item: Item) -> set[str]:
    return {assumption.rule for assumption in item.assumptions}


@pytest.fixture(params=[0, 1000])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """What the suite has is asked for item by item, or read at once."""
    monkeypatch.setattr("apps.importer.existing.AT_ONCE", request.param)
    return int(request.param)


@pytest.fixture
def double() -> Iterator[ContractDouble]:
    """A server that keeps the public API's contract; see ``contract_double``."""
    server = ContractDouble()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bring(double: ContractDouble) -> Callable[..., Results]:
    """Import a path into the double."""

    def run(path: Path, **options: Any) -> Results:
        with SuiteClient(double.url, USERNAME, PASSWORD, patience=options.pop("patience", 5.0)) as client:
            return import_catalog(path, client, **options)

    return run
