"""A lease is held by one at a time, ends with its holder, and no wall clock decides when."""

from __future__ import annotations

from datetime import timedelta

from apps.core import clock
from catalog_services.store.stores import mongo
from catalog_services.store.stores.leases import Lease
from tests.services.store.conftest import Monotonic, Store


def test_a_lease_is_held_by_one_at_a_time_until_it_is_given_back(store: Store) -> None:
    database, first, second = mongo.writing(), Lease("x", seconds=30), Lease("x", seconds=30)
    assert first.take(database)
    assert first.take(database)
    assert not second.take(database)
    first.give_back(database)
    assert second.take(database)
    assert not first.take(database)


def test_a_lease_ends_when_nobody_renews_it_and_not_while_somebody_does(
    store: Store, time: Monotonic
) -> None:
    database, first, second = mongo.writing(), Lease("x", seconds=10), Lease("x", seconds=10)
    assert first.take(database)
    for _ in range(5):
        assert not second.take(database)
        time.now += 9
        assert first.take(database)
    assert not second.take(database)
    time.now += 11
    assert second.take(database)
    assert not first.take(database)


def test_a_clock_that_was_an_hour_ahead_does_not_prolong_a_lease(store: Store, time: Monotonic) -> None:
    database, dead, next_one = mongo.writing(), Lease("x", seconds=10), Lease("x", seconds=10)
    with clock.pinned(clock.now() + timedelta(hours=1)):
        assert dead.take(database)
    assert not next_one.take(database)
    time.now += 10
    assert next_one.take(database)


def test_a_clock_that_jumps_ahead_does_not_end_a_lease(store: Store, time: Monotonic) -> None:
    database, holder, other = mongo.writing(), Lease("x", seconds=10), Lease("x", seconds=10)
    assert holder.take(database)
    assert not other.take(database)
    with clock.pinned(clock.now() + timedelta(hours=1)):
        assert not other.take(database)


def test_of_two_who_see_the_same_lease_end_one_gets_it(store: Store, time: Monotonic) -> None:
    database, dead = mongo.writing(), Lease("x", seconds=10)
    assert dead.take(database)
    others = [Lease("x", seconds=10) for _ in range(4)]
    assert not any(other.take(database) for other in others)
    time.now += 10
    assert sum(other.take(database) for other in others) == 1
