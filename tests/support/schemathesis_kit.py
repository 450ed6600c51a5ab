"""Schemathesis over a service's own OpenAPI document, in process: what the document promises is what happens.

    from tests.support.schemathesis_kit import openapi, send

    schema = openapi("pricing")

    @schema.parametrize()
    @bounded()
    def test_the_service_keeps_its_openapi(case, tokens):
        send(case, tokens.make(["admin", "service"]), id=PriceFactory().pk)

Every operation is one test. Each example, also the nonsense ones, has to be answered with a documented status,
content type and body, and never with a server error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import hypothesis
import schemathesis
from schemathesis.config import SchemathesisConfig

from apps.core.requests import wsgi
from config.services import SERVICES
from tests.support.connections import connection_kept

# A document cannot say every rule ("at most two decimal places for EUR"): what fits the document may
# still be refused with a problem that names the field.
_REFUSALS = ("2xx", "400", "403", "404", "409", "412", "423", "503")


def openapi(service: str, *, also: tuple[str, ...] = ()) -> Any:
    """The service's OpenAPI document, loaded through its WSGI application, as schemathesis sees it.

    ``also`` are further statuses with which well-formed data may be refused.
    """
    path = f"{SERVICES[service].api_root}/schema"
    checks = {"positive_data_acceptance": {"expected-statuses": [*_REFUSALS, *also]}}
    config = SchemathesisConfig.from_dict({"checks": checks})
    return schemathesis.openapi.from_wsgi(path, wsgi(), config=config)


def bounded(*, max_examples: int = 15) -> Callable[[Any], Any]:
    """Hypothesis settings for these tests: few examples, always the same ones, one database transaction for all."""
    return hypothesis.settings(
        max_examples=max_examples,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )


def send(case: Any, token: str, *, id: Any = None) -> None:
    """Send one generated request with a bearer token and check the answer with every check there is.

    With ``id``, the operations on one thing are about that thing, wherever the generated id is one at all.
    """
    if id is not None and _is_id((case.path_parameters or {}).get("id")):
        case.path_parameters["id"] = str(id)
    with connection_kept():
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})


def _is_id(given: Any) -> bool:
    try:
        return str(UUID(str(given))) == str(given)
    except ValueError:
        return False
