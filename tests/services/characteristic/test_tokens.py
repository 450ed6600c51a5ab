from __future__ import annotations

import pytest

from tests.support.hostile_tokens import HostileTokens


@pytest.mark.django_db
class TestHostileTokens(HostileTokens):
    path = "/api/v1/characteristics"
