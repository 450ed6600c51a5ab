"""Every picture that a document shows is there, and is made by ``make screenshots``; no other one is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import env

DOCUMENTS = [env.BASE_DIR / "README.md", *sorted((env.BASE_DIR / "docs").glob("*.md"))]


def shown(document: Path) -> set[Path]:
    named = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", document.read_text())
    return {(document.parent / name).resolve() for name in named}


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_every_picture_of_a_document_is_there(document: Path) -> None:
    assert {path for path in shown(document) if not path.exists()} == set()


def test_every_picture_is_shown_and_can_be_made_anew() -> None:
    kept = {path.resolve() for path in (env.BASE_DIR / "docs").rglob("*.png")}
    assert kept <= set.union(*map(shown, DOCUMENTS))
    script = (env.BASE_DIR / "tests" / "support" / "screenshots.py").read_text()
    assert {path.stem for path in kept if f'"{path.stem}"' not in script} == set()
