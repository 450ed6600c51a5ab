from __future__ import annotations

import pytest


@pytest.fixture
def unused(neighbours):
    """No offering uses any price: an undo may delete."""
    neighbours.answers("offering", "/api/v1/offerings", [])
