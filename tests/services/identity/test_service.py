"""What every service answers besides its own endpoints."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management import call_command
from rest_framework.test import APIClient

Api = Callable[..., APIClient]


def test_passwords_are_hashed_with_argon2_at_its_full_cost() -> None:
    from catalog_services.identity.settings import PASSWORD_HASHERS

    assert PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_health_is_public(api: Api) -> None:
    assert api(None).get("/health/live").status_code == 200
    assert api(None).get("/health/ready").json()["parts"]["postgres"]["status"] == "up"


def test_the_schema_names_every_endpoint_and_how_to_authenticate(api: Api) -> None:
    schema = api(None).get("/api/v1/identity/schema", HTTP_ACCEPT="application/vnd.oai.openapi+json").json()
    assert {
        "/.well-known/jwks.json",
        "/api/v1/auth/login",
        "/api/v1/auth/logout",
        "/api/v1/auth/me",
        "/api/v1/auth/public-key",
        "/api/v1/auth/refresh",
        "/api/v1/auth/token",
        "/api/v1/users",
        "/api/v1/users/{id}",
    } == set(schema["paths"])
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert schema["paths"]["/api/v1/users"]["get"]["security"] == [{"bearer": []}]


def test_the_docs_page_is_there(api: Api) -> None:
    assert api(None).get("/api/v1/identity/docs").status_code == 200


def test_the_schema_has_no_warnings(api: Api) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_migrations_are_complete(db: None) -> None:
    call_command("makemigrations", "identity", "--check", "--dry-run")
