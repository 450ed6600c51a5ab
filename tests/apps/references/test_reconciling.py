"""Replicas against their owners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.core.errors import Unavailable
from apps.core.ids import uuid7
from apps.outbox.digest import state_hash
from apps.references import reconciling, replicas
from apps.references.management.commands import reconcile as command
from apps.references.models import Reference
from apps.references.reconciling import differences, reconcile
from apps.references.replicas import ReferenceKind, apply_event
from tests.apps.references.test_replicas import event
from tests.support.neighbours import Neighbours

pytestmark = pytest.mark.django_db
KIND = ReferenceKind("price", "pricing", "/api/v1/prices", momentary=frozenset({"locked"}))


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "_PAUSE_SECONDS", 0.0)


class Owner:
    """The pricing service, with what it holds: ``has(id, version)`` also answers a request for that price."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours
        self.prices: dict[str, dict[str, Any]] = {}

    def has(self, id_: str, version: int, **more: Any) -> None:
        state = {"id": id_, "name": f"v{version}", "version": version, **more}
        self.prices[id_] = state
        self._neighbours.answers("pricing", f"/api/v1/prices/{id_}", {**state, "locked": True})

    def pages(self, service: str, kind: str) -> Iterator[list[dict[str, Any]]]:
        assert (service, kind) == ("pricing", "Price")
        for id_ in sorted(self.prices):
            state = self.prices[id_]
            yield [{"id": id_, "version": state["version"], "hash": state_hash(state)}]


@pytest.fixture
def owner(neighbours: Neighbours) -> Owner:
    return Owner(neighbours)


def mended(owner: Owner) -> int:
    done = reconcile(KIND, differences(KIND, pages=owner.pages))
    assert differences(KIND, pages=owner.pages) == {}
    return done


def test_what_events_told_is_the_same(owner):
    for version in (1, 3):
        id_ = str(uuid7())
        apply_event(KIND, event(id_, version))
        owner.has(id_, version)
    apply_event(KIND, event(str(uuid7()), 2, "Deleted"))
    assert differences(KIND, pages=owner.pages) == {}


@pytest.mark.parametrize("known", [None, 1, 9])
def test_one_that_is_not_known_or_known_otherwise_becomes_what_its_owner_says(owner, known):
    """Version 9: the owner was restored from before it."""
    id_ = str(uuid7())
    if known:
        apply_event(KIND, event(id_, known))
    owner.has(id_, 5)
    assert mended(owner) == 1
    row = Reference.objects.get(aggregate_id=id_)
    assert (row.version, row.name, row.data, row.deleted) == (5, "v5", owner.prices[id_], False)


def test_the_same_version_with_another_state_is_noticed(owner):
    id_ = str(uuid7())
    apply_event(KIND, event(id_, 5))
    owner.has(id_, 5, value="1.00")
    assert mended(owner) == 1


def test_one_that_its_owner_has_not_is_deleted_here(owner):
    id_ = str(uuid7())
    apply_event(KIND, event(id_, 2))
    assert mended(owner) == 1
    assert Reference.objects.get(aggregate_id=id_).deleted


def test_one_that_was_deleted_here_and_is_there_again_comes_back(owner):
    id_ = str(uuid7())
    apply_event(KIND, event(id_, 6, "Deleted"))
    owner.has(id_, 4)
    assert mended(owner) == 1
    assert not Reference.objects.get(aggregate_id=id_).deleted


def test_an_event_that_comes_meanwhile_is_not_overwritten(owner):
    id_ = str(uuid7())
    apply_event(KIND, event(id_, 1))
    owner.has(id_, 5)
    found = differences(KIND, pages=owner.pages)
    apply_event(KIND, event(id_, 6))
    assert reconcile(KIND, found) == 0
    assert Reference.objects.get(aggregate_id=id_).version == 6


def test_what_is_only_on_its_way_does_not_count(owner):
    id_ = str(uuid7())
    owner.has(id_, 1)
    asked = 0

    def slow(service: str, kind: str) -> Iterator[list[dict[str, Any]]]:
        nonlocal asked
        asked += 1
        if asked == 2:
            apply_event(KIND, event(id_, 1))
        return owner.pages(service, kind)

    assert differences(KIND, pages=slow) == {}


@pytest.fixture
def called(owner, monkeypatch):
    monkeypatch.setattr(replicas, "_kinds", {"price": KIND})
    monkeypatch.setattr(command, "digest_pages", owner.pages)
    monkeypatch.setattr(command, "load_declarations", lambda: None)

    def call(*arguments: str) -> None:
        call_command("reconcile", *arguments)

    return call


def test_a_dry_run_says_what_differs_and_changes_nothing(owner, called, capsys):
    owner.has(str(uuid7()), 1)
    with pytest.raises(CommandError, match="1 differ"):
        called("--dry-run")
    assert not Reference.objects.exists()
    called()
    assert "price: 1 differed, 1 set to what pricing says" in capsys.readouterr().out
    called("--dry-run")
    assert "price: the same as its owner has" in capsys.readouterr().out


def test_an_owner_that_cannot_be_asked_ends_it_with_a_sentence(called, monkeypatch):
    def away(service: str, kind: str) -> Iterator[list[dict[str, Any]]]:
        raise Unavailable("The pricing service does not answer.")

    monkeypatch.setattr(command, "digest_pages", away)
    with pytest.raises(CommandError, match=r"pricing service does not answer.*run the command again"):
        called()


def test_a_service_that_knows_nothing_of_others_says_so(called, monkeypatch):
    monkeypatch.setattr(replicas, "_kinds", {})
    with pytest.raises(CommandError, match="knows nothing"):
        called()
