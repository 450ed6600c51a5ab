from __future__ import annotations

import pytest

from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.schemathesis_kit import bounded, openapi, send

schema = openapi("characteristic")


@pytest.mark.django_db
@schema.parametrize()
@bounded()
def test_the_service_keeps_what_its_openapi_document_says(case, tokens, neighbours):
    neighbours.answers("specification", "/api/v1/specifications", [])
    send(case, tokens.make(["admin", "service"]), id=CharacteristicFactory().pk)
