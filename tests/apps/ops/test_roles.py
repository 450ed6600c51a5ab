"""Who looks on is an admin."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.apps.ops.conftest import ROOT

pytestmark = pytest.mark.django_db
PATHS = ("correlation/click-1", f"inbox?event={uuid4()}", "flow")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("viewer", 403), ("manager", 403), ("service", 403), ("admin", 200)]
)
def test_nobody_but_an_admin_is_answered(api, path, role, status):
    response = api(role).get(f"{ROOT}/{path}")
    assert response.status_code == status
    assert (response["Content-Type"] == "application/problem+json") == (status != 200)


@pytest.mark.parametrize("path", PATHS)
def test_everything_is_read_only(api, path):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(api("admin"), method)(f"{ROOT}/{path}").status_code == 405
