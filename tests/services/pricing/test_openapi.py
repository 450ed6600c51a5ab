from __future__ import annotations

import pytest

from tests.services.pricing.factories import PriceFactory
from tests.support.schemathesis_kit import bounded, openapi, send

schema = openapi("pricing")


@pytest.mark.django_db
@schema.parametrize()
@bounded()
def test_the_service_keeps_what_its_openapi_document_says(case, tokens, neighbours):
    neighbours.answers("offering", "/api/v1/offerings", [])
    send(case, tokens.make(["admin", "service"]), id=PriceFactory().pk)
