"""With real threads and connections: nothing is lost, and nobody waits in a circle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connections, transaction

from apps.core.actor import SYSTEM
from apps.core.errors import Conflict, Locked, NotFound
from apps.core.ids import uuid7
from catalog_services.pricing.actions.price_delete import price_delete
from catalog_services.pricing.actions.price_update import price_update
from catalog_services.pricing.actions.prices_lock import prices_lock
from catalog_services.pricing.actions.publication_end import publication_end
from catalog_services.pricing.models import Price, PriceHold
from tests.services.pricing.factories import PriceFactory

pytestmark = pytest.mark.django_db(transaction=True)
ENOUGH_SECONDS = 0.5
"""For one to come as far as it can while another waits."""


def together(*jobs: Callable[[], object]) -> list[object]:
    """Run the jobs at the same moment; gives what each returned or raised."""
    start, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(index: int) -> None:
        start.wait()
        try:
            results[index] = jobs[index]()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    [thread.start() for thread in threads]
    [thread.join(20) for thread in threads]
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return results


@pytest.mark.parametrize("_", range(5))
def test_simultaneous_locks_of_shared_prices_in_opposite_order_all_succeed(_):
    ids = [PriceFactory().pk for _ in range(4)]
    orders = [ids, ids[::-1], ids[2:] + ids[:2], ids[1::-1]]
    results = together(
        *[lambda o=order: prices_lock(price_ids=o, publication_id=uuid7()) for order in orders]
    )
    assert [len(result) for result in results] == [4, 4, 4, 2]
    assert PriceHold.objects.count() == 14


@pytest.mark.parametrize("_", range(5))
def test_the_same_lock_twice_at_once_holds_once(_):
    price, publication = PriceFactory(), uuid7()
    lock = lambda: prices_lock(price_ids=[price.pk], publication_id=publication)  # noqa: E731
    results = together(lock, lock)
    assert all(isinstance(result, list) for result in results), results
    assert PriceHold.objects.count() == 1


@pytest.mark.parametrize("_", range(8))
def test_an_update_that_races_a_lock_is_either_seen_by_it_or_refused(_):
    price = PriceFactory()
    locked, updated = together(
        lambda: prices_lock(price_ids=[price.pk], publication_id=uuid7()),
        lambda: price_update(actor=SYSTEM, id=price.pk, fields={"value": Decimal(5)}),
    )
    version = Price.objects.get().version
    assert locked[0].version == version, "what the publication saw is what it holds"
    assert (version == 1) == isinstance(updated, Locked)


@pytest.mark.parametrize("_", range(8))
def test_a_lock_that_races_its_undo_leaves_no_hold(_):
    price, publication = PriceFactory(), uuid7()
    locked, ended = together(
        lambda: prices_lock(price_ids=[price.pk], publication_id=publication),
        lambda: publication_end(publication_id=publication),
    )
    assert isinstance(locked, Conflict) == (ended == 0)
    assert not PriceHold.objects.exists()


@pytest.mark.parametrize("came_before", [False, True])
def test_an_undo_waits_for_the_lock_under_way_and_then_undoes_it(came_before):
    price, other, publication = PriceFactory(), PriceFactory(), uuid7()
    if came_before:
        prices_lock(price_ids=[other.pk], publication_id=publication)
    locked = threading.Event()

    def lock_slowly() -> None:
        with transaction.atomic():
            prices_lock(price_ids=[price.pk], publication_id=publication)
            locked.set()
            time.sleep(0.3)

    def end() -> int:
        assert locked.wait(10)
        return publication_end(publication_id=publication)

    _, ended = together(lock_slowly, end)
    assert ended == (2 if came_before else 1)
    assert not PriceHold.objects.exists()


def test_a_publication_that_comes_while_a_deletion_asks_who_uses_the_price_finds_it_gone(neighbours):
    price, publication = PriceFactory(), uuid7()
    neighbours.answers("offering", "/api/v1/offerings", [])
    asks, told = threading.Event(), threading.Event()

    def meanwhile() -> None:
        asks.set()
        told.wait(ENOUGH_SECONDS)

    def publish() -> int:
        assert asks.wait(10)
        prices_lock(price_ids=[price.pk], publication_id=publication)
        published = publication_end(publication_id=publication)
        told.set()
        return published

    neighbours.meanwhile = meanwhile
    refused, _ = together(publish, lambda: price_delete(actor=SYSTEM, id=price.pk))
    assert isinstance(refused, NotFound), refused
    assert not Price.objects.exists()


def test_two_simultaneous_updates_lose_nothing():
    price = PriceFactory()
    together(
        lambda: price_update(actor=SYSTEM, id=price.pk, fields={"value": Decimal(5)}),
        lambda: price_update(actor=SYSTEM, id=price.pk, fields={"tax_included": True}),
    )
    row = Price.objects.get()
    assert (row.version, row.value, row.tax_included) == (3, 5, True)
