from __future__ import annotations

import pytest
from django.db import DataError, IntegrityError, InternalError, OperationalError
from django.http import Http404
from psycopg.errors import ForeignKeyViolation, NotNullViolation, ReadOnlySqlTransaction, UniqueViolation
from rest_framework import exceptions
from rest_framework.test import APIRequestFactory

from apps.core import errors
from apps.rest.problems import exception_handler, flatten


def handled(exc: Exception):
    return exception_handler(exc, {"request": APIRequestFactory().get("/api/v1/x")})


def caused(exc: Exception, cause: Exception) -> Exception:
    exc.__cause__ = cause
    return exc


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("exc", "status"),
    [
        (errors.Locked("held"), 423),
        (errors.PreconditionFailed(), 412),
        (exceptions.ValidationError({"name": ["bad"]}), 400),
        (exceptions.ParseError("no JSON"), 400),
        (exceptions.NotAuthenticated(), 401),
        (exceptions.PermissionDenied(), 403),
        (exceptions.MethodNotAllowed("PUT"), 405),
        (exceptions.UnsupportedMediaType("text/csv"), 415),
        (exceptions.Throttled(wait=3), 429),
        (Http404(), 404),
        (DataError("numeric field overflow"), 400),
        (caused(IntegrityError("orphan"), ForeignKeyViolation()), 409),
        (caused(IntegrityError("twin"), UniqueViolation()), 409),
        (OperationalError("server closed the connection"), 503),
        (caused(InternalError("cannot execute INSERT"), ReadOnlySqlTransaction()), 503),
    ],
)
def test_every_refusal_is_a_problem_document_with_its_status(exc, status):
    response = handled(exc)
    assert response.status_code == response.data["status"] == status
    assert response.content_type == "application/problem+json"
    assert "server closed" not in str(response.data)


@pytest.mark.django_db
def test_who_is_refused_for_a_while_is_told_how_long():
    assert handled(exceptions.Throttled(wait=3))["Retry-After"] == "4"
    assert handled(errors.Unavailable())["Retry-After"]
    assert handled(exceptions.NotAuthenticated())["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
def test_what_is_not_a_refusal_is_not_dressed_as_one():
    assert handled(ZeroDivisionError()) is None
    assert handled(caused(IntegrityError("nothing given"), NotNullViolation())) is None
    assert handled(InternalError("a broken index")) is None


def test_nested_errors_are_told_by_their_path():
    detail = {"values": [{}, {"value": ["Too long."]}], "name": ["Missing."]}
    assert flatten(detail) == {"values.1.value": ["Too long."], "name": ["Missing."]}
    assert flatten({"characteristics": {"non_field_errors": ["At least one."]}}) == {
        "characteristics": ["At least one."]
    }
