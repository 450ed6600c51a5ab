from __future__ import annotations

import pytest

from catalog_services.specification.api.serializers import EXAMPLE_ID
from tests.services.specification.factories import SpecificationFactory, heard
from tests.support.schemathesis_kit import bounded, openapi, send

schema = openapi("specification")


@pytest.mark.django_db
@schema.parametrize()
@bounded()
def test_the_service_keeps_what_its_openapi_document_says(case, tokens, neighbours):
    heard("100", "500", id=EXAMPLE_ID)
    neighbours.answers("offering", "/api/v1/offerings", [])
    send(case, tokens.make(["admin", "service"]), id=SpecificationFactory().pk)
