"""One variable chooses the process engine; only the chosen one is fetched, and each has its own database."""

from __future__ import annotations

import pytest

from apps.runtime import parts, suite
from apps.runtime.parts import camunda
from config import env
from config.parts import PARTS, PROCESS_ENGINES
from tests.support.engines import not_tried


@pytest.fixture(params=PROCESS_ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The chosen engine's name."""
    monkeypatch.setenv("ENGINE", request.param)
    return str(request.param)


@pytest.fixture
def another(engine: str) -> str:
    return next(name for name in PROCESS_ENGINES if name != engine)


def test_camunda_is_what_nobody_has_to_choose(monkeypatch) -> None:
    monkeypatch.delenv("ENGINE", raising=False)
    assert env.process_engine() == "camunda"


def test_only_the_chosen_engine_is_fetched(engine: str, another: str) -> None:
    assert set(suite.engines(PARTS)) == {engine, "elasticsearch", "zipkin"}
    assert another not in camunda.libraries()


def test_each_engine_has_its_own_database(engine: str, another: str, monkeypatch) -> None:
    monkeypatch.setenv("POSTGRES_URL", "postgresql://catalog:secret@db.example:5432")
    assert engine in parts.postgres.owners()
    assert another not in parts.postgres.owners()
    assert camunda.database()["ENGINE_DATABASE_URL"] == f"jdbc:postgresql://db.example:5432/catalog_{engine}"


def test_our_class_and_its_settings_are_in_the_name_of_the_chosen_engine(engine: str, another: str) -> None:
    texts = camunda.sources()
    assert f"import org.{engine}.bpm.engine.ProcessEngine;" in texts["Engine.java"]
    assert f"\n{engine}.bpm:\n" in texts["application.yaml"]
    assert all(f"{another}.bpm" not in text for text in texts.values())


def test_its_version_is_shown_with_its_name(engine: str) -> None:
    assert camunda.version().startswith(f"{engine.title()} ")


def test_an_engine_that_there_is_not_is_said(manage) -> None:
    done = manage("up", "--parts", ENGINE="zeebe")
    assert done.returncode == 1
    assert "ENGINE is 'zeebe'; it can be camunda or operaton." in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("said", "ci", "outcome"),
    [
        ("DownloadFailed\nx.jar could not be fetched", "", pytest.skip.Exception),
        ("DownloadFailed\nx.jar could not be fetched", "true", pytest.fail.Exception),
        ("StartFailed\ncamunda ended while starting", "", pytest.fail.Exception),
    ],
)
def test_an_engine_that_cannot_be_tried_is_named_and_fails_but_for_a_download(
    said: str, ci: str, outcome: type[BaseException], monkeypatch
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="NO OPERATON, the saga was not tried on it"):
        not_tried("operaton", said)
