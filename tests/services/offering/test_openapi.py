from __future__ import annotations

import pytest

from tests.services.offering.factories import CompleteOfferingFactory
from tests.support.schemathesis_kit import bounded, openapi, send

schema = openapi("offering")


@pytest.mark.django_db
@schema.parametrize()
@bounded()
def test_the_service_keeps_what_its_openapi_document_says(case, tokens, neighbours):
    send(case, tokens.make(["admin", "service"]), id=CompleteOfferingFactory().pk)
