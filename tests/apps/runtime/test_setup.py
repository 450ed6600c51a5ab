"""What is done before a service starts is skipped only when really nothing changed."""

from __future__ import annotations

import pytest

from apps.runtime import parts, setup
from apps.runtime.errors import StartFailed
from config import env


@pytest.mark.usefixtures("_engine_answers")
def test_the_sagas_diagrams_are_deployed_once() -> None:
    setup.deploy_diagrams()
    assert setup.diagrams_are_deployed()
    assert setup.deploy_diagrams() is False


@pytest.fixture
def _engine_answers() -> None:
    assert parts.READY["camunda"](), "the tests' own engine is not up"


@pytest.fixture
def noted(database_server) -> None:
    """The pricing and identity databases were set up just now."""
    for service in ("pricing", "identity"):
        with setup.connect(service) as connection:
            connection.execute("DROP TABLE IF EXISTS django_migrations")
            connection.execute("CREATE TABLE django_migrations (app text, name text)")
            connection.execute("INSERT INTO django_migrations VALUES ('pricing', '0001_initial')")
        (env.state_dir() / "static" / service).mkdir(parents=True, exist_ok=True)
        setup.note(service)


def test_nothing_is_done_again_when_nothing_changed(noted) -> None:
    assert setup.is_current("pricing")
    assert setup.is_current("identity")


def test_a_migration_taken_back_by_hand_is_noticed(noted) -> None:
    with setup.connect("pricing") as connection:
        connection.execute("DELETE FROM django_migrations")
    assert not setup.is_current("pricing")


def test_lost_static_files_are_noticed(noted) -> None:
    (env.state_dir() / "static" / "pricing").rmdir()
    assert not setup.is_current("pricing")


def test_a_changed_static_file_is_noticed(noted, monkeypatch, tmp_path) -> None:
    state = env.state_dir()
    monkeypatch.setattr(env, "state_dir", lambda: state)
    monkeypatch.setattr(env, "BASE_DIR", tmp_path)
    style = tmp_path / "apps" / "admin_kit" / "static" / "admin_kit" / "admin.css"
    style.parent.mkdir(parents=True)
    style.write_text("a { color: red }")
    setup.note("pricing")
    assert setup.is_current("pricing")
    style.write_text("a { color: blue }")
    assert not setup.is_current("pricing")


@pytest.mark.parametrize(
    "name",
    [
        "DJANGO_SECRET_KEY",
        "SERVICE_CLIENT_SECRET",
        "PRICING_CLIENT_SECRET",
        "GATEWAY_CLIENT_SECRET",
        "VIEWER_PASSWORD",
    ],
)
def test_new_secrets_are_noticed_by_identity_which_stores_them(noted, monkeypatch, name: str) -> None:
    monkeypatch.setenv(name, "another")
    assert not setup.is_current("identity")
    assert setup.is_current("pricing")


def test_a_database_is_made_once(noted) -> None:
    assert parts.postgres.create_databases() == []


def test_a_command_that_fails_is_shown_with_what_it_said(noted) -> None:
    with pytest.raises(StartFailed, match=r"(?s)pricing: no_such_command failed.*no_such_command"):
        setup.run("pricing", "no_such_command")
