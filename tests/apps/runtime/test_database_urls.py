"""A database on a server that stands elsewhere is reached as its URL says, with all of its parameters."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from apps.runtime import migrating
from apps.runtime.errors import StartFailed
from apps.runtime.parts import camunda, postgres
from config import env
from config.services import SERVICES
from config.settings.database import SILENCE, databases

TLS = "sslmode=verify-full&sslrootcert=/ca.pem"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("POSTGRES_URL", f"postgresql://catalog:secret@db.example:5433/?{TLS}")
    for owner in postgres.owners():
        monkeypatch.delenv(f"{owner.upper()}_DATABASE_URL", raising=False)
    return monkeypatch


def test_the_parameters_of_the_server_are_those_of_every_database(elsewhere) -> None:
    url = f"postgresql://catalog:secret@db.example:5433/catalog_pricing?{TLS}"
    assert env.database_url("pricing") == url
    assert env.server_database_url("postgres") == url.replace("catalog_pricing", "postgres")
    jdbc = camunda.database()["ENGINE_DATABASE_URL"]
    assert jdbc == f"jdbc:postgresql://db.example:5433/catalog_camunda?{TLS}"


def test_django_connects_with_them(elsewhere) -> None:
    settings = databases(SERVICES["pricing"])["default"]
    assert (settings["NAME"], settings["HOST"], settings["PORT"]) == ("catalog_pricing", "db.example", 5433)
    assert settings["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
        "connect_timeout": 5,
        "application_name": "catalog-pricing",
        **SILENCE,
    }


def test_what_a_url_says_of_a_silent_server_is_what_is_done(monkeypatch) -> None:
    monkeypatch.setenv("PRICING_DATABASE_URL", "postgresql://db.example/prices?keepalives_idle=60")
    options = databases(SERVICES["pricing"])["default"]["OPTIONS"]
    assert (options["keepalives_idle"], options["keepalives_count"]) == (60, 3)


def test_databases_of_other_servers_are_not_ours_to_make(database_server, monkeypatch) -> None:
    monkeypatch.setenv("PRICING_DATABASE_URL", "postgresql://somebody@nowhere.example/prices")
    with postgres.connect() as connection:
        connection.execute("DROP DATABASE IF EXISTS catalog_offering")
    assert postgres.missing() == {"offering": "catalog_offering"}
    assert postgres.create_databases() == ["catalog_offering"]


def test_a_server_that_no_database_is_on_is_not_asked(elsewhere) -> None:
    for owner in postgres.owners():
        elsewhere.setenv(f"{owner.upper()}_DATABASE_URL", f"postgresql://somebody@other.example/{owner}")
    assert postgres.create_databases() == []


def test_an_engine_that_stands_elsewhere_has_its_database_there_unless_a_url_says_which(
    database_server, monkeypatch
) -> None:
    engine = env.process_engine()
    name = f"catalog_{engine}"
    with postgres.connect() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")  # type: ignore[arg-type]
    assert postgres.missing() == {engine: name}
    monkeypatch.setenv("CAMUNDA_URL", "https://engine.example/engine-rest")
    assert postgres.missing() == {}
    assert postgres.missing([engine]) == {engine: name}  # a restore brings it back
    monkeypatch.setenv(f"{engine.upper()}_DATABASE_URL", env.server_database_url("processes"))
    assert postgres.missing() == {engine: "processes"}


@pytest.fixture
def _a_role_that_may_make_no_database(database_server, monkeypatch) -> None:
    with postgres.connect() as connection:
        connection.execute("DROP DATABASE IF EXISTS catalog_offering")
        connection.execute("DROP ROLE IF EXISTS restricted")
        connection.execute("CREATE ROLE restricted LOGIN PASSWORD 'secret'")
    port = conninfo_to_dict(env.part_url("postgres"))["port"]
    monkeypatch.setenv("POSTGRES_URL", f"postgresql://restricted:secret@127.0.0.1:{port}")


@pytest.mark.usefixtures("_a_role_that_may_make_no_database")
def test_a_database_that_the_role_may_not_make_is_named_with_the_right_that_it_needs() -> None:
    with pytest.raises(StartFailed, match=r"(?s)catalog_offering.*restricted.*CREATEDB"):
        list(migrating.migrate([]))


@pytest.mark.usefixtures("_a_role_that_may_make_no_database")
def test_whatever_else_postgresql_refuses_is_a_message_too() -> None:
    def noted() -> None:
        with postgres.connect() as connection:
            connection.execute("COMMENT ON DATABASE catalog_pricing IS 'mine'")

    with pytest.raises(StartFailed, match="must be owner of database catalog_pricing"):
        migrating._asked(noted)
