"""Translations are compiled where the services look for them; without them the admin is English and works."""

from __future__ import annotations

import gettext
import os
import subprocess
import sys

from apps.runtime import languages
from config import env


def offered(state) -> str:
    """The languages that a service's settings offer, with its state in that folder."""
    code = "from config.settings.language import LANGUAGES; print(*(code for code, _ in LANGUAGES))"
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "RUN_DIR": str(state)}
    done = subprocess.run(
        command, cwd=env.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_language_is_offered_when_it_is_compiled(tmp_path, monkeypatch):
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    assert offered(tmp_path) == "en"
    languages.compile_catalogs()
    languages.compile_catalogs()  # each start does
    assert offered(tmp_path) == "en de"


def test_what_is_compiled_is_what_is_committed(tmp_path, monkeypatch):
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    languages.compile_catalogs()
    compiled = gettext.translation("django", env.state_dir() / "locale", ["de"])
    assert compiled.gettext("Being published") == "Wird veröffentlicht"
    assert compiled.ngettext("%(count)s event is refused", "%(count)s events are refused", 2).endswith(
        "Ereignisse abgewiesen"
    )
    assert not list((env.state_dir() / "locale").rglob("*.new"))


def test_a_catalog_is_written_the_same_whenever_it_is_written():
    for language, path in languages.sources():
        assert languages.written(languages.read(language, path)) == path.read_text()
