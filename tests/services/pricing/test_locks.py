"""Shared holds: who may take them, what they protect, and that only their publication releases them."""

from __future__ import annotations

from uuid import UUID

import pytest

from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent
from catalog_services.pricing.actions.publication_end import publication_end
from catalog_services.pricing.models import Price, PriceHold
from tests.services.pricing.factories import PriceFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/prices"


@pytest.fixture
def price():
    return PriceFactory()


@pytest.fixture
def service(api):
    return api("service")


def lock(client, price, publication_id, verb="lock"):
    return client.post(f"{URL}/{price.pk}/{verb}", {"publication_id": str(publication_id)})


def test_a_price_is_locked_until_its_last_holder_released_it(service, price):
    first, second = uuid7(), uuid7()
    assert lock(service, price, first).json()["locked"] is True
    assert lock(service, price, second).json()["locked"] is True
    assert lock(service, price, first, "unlock").json()["locked"] is True
    assert lock(service, price, second, "unlock").json()["locked"] is False


def test_only_the_holding_publication_releases_its_hold(service, price):
    holder = uuid7()
    lock(service, price, holder)
    assert lock(service, price, uuid7(), "unlock").json()["locked"] is True
    publication_end(publication_id=uuid7())
    assert PriceHold.objects.get().publication_id == holder


@pytest.mark.parametrize("change", [{"value": "1.00"}, {"unit": "per year"}, {}])
def test_a_locked_price_refuses_change_and_names_the_publications(api, service, price, change):
    holders = [uuid7(), uuid7()]
    for holder in holders:
        lock(service, price, holder)
    response = api("manager").patch(f"{URL}/{price.pk}", change)
    assert response.status_code == 423
    assert response.json()["publications"] == [str(holder) for holder in holders]
    assert response.json()["type"].endswith("/locked")
    assert Price.objects.get().version == 1


def test_what_was_read_before_a_hold_is_refused_for_it_and_fine_as_it_was_once_it_has_ended(
    api, service, price
):
    client, url, holder = api("manager"), f"{URL}/{price.pk}", uuid7()
    free = client.get(url).json()
    lock(service, price, holder)
    held = client.get(url).json()
    assert (free["locked"], held["locked"]) == (False, True)
    assert client.put(url, {**free, "name": "Other"}).status_code == 423
    lock(service, price, holder, "unlock")
    changed = client.put(url, {**held, "name": "Other"})
    assert (changed.status_code, changed.json().get("name")) == (200, "Other"), changed.json()


def test_a_locked_price_refuses_deletion_before_anybody_is_asked(api, service, price, neighbours):
    neighbours.down("offering")
    holder = uuid7()
    lock(service, price, holder)
    response = api("admin").delete(f"{URL}/{price.pk}")
    assert (response.status_code, response.json()["publications"]) == (423, [str(holder)])
    assert Price.objects.exists()


def test_holds_make_no_version_and_no_event(service, price):
    before = service.get(f"{URL}/{price.pk}")
    publication = uuid7()
    for verb in ("lock", "lock", "unlock", "unlock"):
        assert lock(service, price, publication, verb)["ETag"] == before["ETag"]
    assert service.get(f"{URL}/{price.pk}").json() == before.json()
    assert OutboxEvent.objects.count() == 1


def test_a_released_price_changes_again(api, service, price):
    publication = uuid7()
    lock(service, price, publication)
    publication_end(publication_id=publication)
    assert api("manager").patch(f"{URL}/{price.pk}", {"value": "1.00"}).status_code == 200


def test_a_publication_that_ended_here_cannot_lock_any_more(service, price):
    publication = uuid7()
    publication_end(publication_id=publication)
    response = lock(service, price, publication)
    assert response.status_code == 409
    assert str(publication) in response.json()["detail"]
    assert not PriceHold.objects.exists()


def test_locked_prices_can_be_listed(service):
    held, _ = PriceFactory(), PriceFactory()
    lock(service, held, uuid7())
    lock(service, held, uuid7())
    assert [r["id"] for r in service.get(URL, {"locked": "true"}).json()] == [str(held.pk)]
    assert [r["locked"] for r in service.get(URL).json()].count(True) == 1
    assert len(service.get(URL, {"locked": "false"}).json()) == 1


def test_a_list_asks_for_all_locks_at_once(service, django_assert_max_num_queries):
    PriceFactory.create_batch(5)
    service.get(URL)
    with django_assert_max_num_queries(2):
        assert len(service.get(URL).json()) == 5


@pytest.mark.parametrize("verb", ["lock", "unlock"])
def test_only_services_and_admins_handle_locks(api, price, verb):
    publication = uuid7()
    for role in ("viewer", "manager"):
        assert lock(api(role), price, publication, verb).status_code == 403
    for role in ("service", "admin"):
        assert lock(api(role), price, publication, verb).status_code == 200
    assert lock(api(None), price, publication, verb).status_code == 401


@pytest.mark.parametrize("verb", ["lock", "unlock"])
@pytest.mark.parametrize(
    "body", [{}, {"publication_id": None}, {"publication_id": "x"}, {"publication_id": 7}, []]
)
def test_a_lock_without_a_publication_is_refused_at_the_field(service, price, verb, body):
    response = service.post(f"{URL}/{price.pk}/{verb}", body)
    assert response.status_code == 400
    assert response.json()["errors"]


@pytest.mark.parametrize("verb", ["lock", "unlock"])
def test_a_price_that_is_not_there_is_404(service, verb):
    missing = Price(pk=UUID(int=7))
    assert lock(service, missing, uuid7(), verb).status_code == 404
