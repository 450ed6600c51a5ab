from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import ValidationFailed
from catalog_services.offering.domain.offering import check_no_cycle
from catalog_services.offering.models import Offering
from tests.services.offering.factories import OfferingFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/offerings"


@pytest.fixture
def manager(api):
    return api("manager")


def bundle_of(*members: Offering, **fields) -> Offering:
    return OfferingFactory(is_bundle=True, bundled_offerings=[{"id": str(m.pk)} for m in members], **fields)


def test_a_member_must_exist(manager):
    body = {
        "name": "Duo",
        "is_bundle": True,
        "bundled_offerings": [{"id": "01900000-0000-7000-8000-000000000000"}],
    }
    assert "bundled_offerings" in manager.post(URL, body).json()["errors"]


@pytest.mark.parametrize(
    "bounds", [{"min": 2, "max": 1}, {"min": 0, "max": 1, "default": 2}, {"min": 2, "default": 1}]
)
def test_a_member_needs_sane_bounds(manager, bounds):
    member = {"id": str(OfferingFactory().pk), **bounds}
    response = manager.post(URL, {"name": "Duo", "is_bundle": True, "bundled_offerings": [member]})
    assert response.status_code == 400
    assert "bundled_offerings" in response.json()["errors"]


def test_what_is_no_bundle_has_no_members(manager):
    members = [{"id": str(OfferingFactory().pk)}]
    response = manager.post(URL, {"name": "Duo", "bundled_offerings": members})
    assert response.status_code == 400
    assert response.json()["errors"] == {"bundled_offerings": ["Only a bundle has members."]}


def test_a_bundle_is_never_a_member_of_itself(manager):
    inner = OfferingFactory(is_bundle=True)
    outer = bundle_of(bundle_of(inner))
    for member in (inner, outer):
        response = manager.patch(f"{URL}/{inner.pk}", {"bundled_offerings": [{"id": str(member.pk)}]})
        assert response.status_code == 400
        assert "member of itself" in response.json()["detail"]


@given(edges=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=15))
def test_every_circle_through_the_root_is_found_and_no_other(edges):
    members: dict[str, list[str]] = {}
    for a, b in edges:
        members.setdefault(str(a), []).append(str(b))
    reachable, grown = {b for a, b in edges if a == 0}, True
    while grown:
        more = {b for a, b in edges if a in reachable} - reachable
        reachable |= more
        grown = bool(more)
    if 0 in reachable:
        with pytest.raises(ValidationFailed):
            check_no_cycle("0", members)
    else:
        check_no_cycle("0", members)


def test_a_member_of_a_published_bundle_cannot_retire(manager):
    member = OfferingFactory()
    bundle = bundle_of(member, name="Duo")
    Offering.objects.update(lifecycle_status="PUBLISHED")
    response = manager.post(f"{URL}/{member.pk}/retire")
    assert response.status_code == 409
    assert response.json()["used_by"][0]["name"] == "Duo"
    assert manager.post(f"{URL}/{bundle.pk}/retire").status_code == 200
    assert manager.post(f"{URL}/{member.pk}/retire").status_code == 200


def test_a_draft_in_a_bundle_is_not_deleted(manager):
    member = OfferingFactory()
    bundle_of(member, name="Duo")
    response = manager.delete(f"{URL}/{member.pk}")
    assert response.status_code == 409
    assert "Duo" in response.json()["detail"]
