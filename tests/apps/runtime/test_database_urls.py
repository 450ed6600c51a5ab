"""A database on a server that stands elsewhere is reached as its URL says, with all of its parameters."""

from __future__ import annotations

import pytest

from apps.runtime.parts import camunda, postgres
from config import env
from config.services import SERVICES
from config.settings.database import databases

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
    }


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
