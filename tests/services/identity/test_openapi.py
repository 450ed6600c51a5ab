from __future__ import annotations

from typing import Any

import pytest

from catalog_services.identity.models import SigningKey
from tests.services.identity.factories import UserFactory
from tests.support.schemathesis_kit import bounded, openapi, send
from tests.support.tokens import Issuer

# Made-up credentials are well-formed and wrong (401), and after some of them there are no more tries (429).
schema = openapi("identity", also=("401", "429"))


@pytest.mark.django_db
@schema.parametrize()
@bounded()
def test_the_service_keeps_what_its_openapi_document_says(
    case: Any, tokens: Issuer, keys: list[SigningKey]
) -> None:
    admin = UserFactory(roles=["admin"])
    send(case, tokens.make("admin", sub=admin.pk, username=admin.username), id=UserFactory().pk)
