"""What is published while it is deleted: one of both is refused."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from apps.core.actor import SYSTEM
from apps.core.errors import ValidationFailed
from catalog_services.specification.actions.specification_delete import specification_delete
from catalog_services.specification.models import Specification
from tests.services.specification.factories import SpecificationFactory
from tests.services.specification.test_saga import validate

pytestmark = pytest.mark.django_db(transaction=True)
ENOUGH_SECONDS = 0.5
"""For the validation to come as far as it can before the deletion goes on."""


def test_a_publication_that_comes_while_a_deletion_asks_who_uses_the_specification_finds_it_gone(neighbours):
    row = SpecificationFactory()
    came_to: list[object] = []

    def publish() -> None:
        try:
            came_to.append(validate(row))
        except ValidationFailed as error:
            came_to.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=publish)

    def meanwhile() -> None:
        thread.start()
        thread.join(ENOUGH_SECONDS)

    neighbours.answers("offering", "/api/v1/offerings", [])
    neighbours.meanwhile = meanwhile
    specification_delete(actor=SYSTEM, id=row.pk)
    thread.join(20)
    assert isinstance(came_to[0], ValidationFailed), came_to
    assert not Specification.objects.exists()
