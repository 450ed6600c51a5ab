"""A part goes down and comes back: writes succeed meanwhile, and everything catches up by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import pytest

from apps.core.ids import uuid7
from apps.runtime import parts, paths, supervision
from config import env
from tests.e2e.conftest import Api, fetched
from tests.support.waiting import eventually

PATIENCE = 90.0
SOON = 10.0
"""Five times what is promised: the machine may be slow, but nobody may have to wait for something to run out."""


@contextmanager
def without(part: str) -> Iterator[None]:
    """Within the block the part is killed, not asked to leave."""
    if env.part_is_external(part):
        pytest.skip(f"{part} stands elsewhere; it is not ours to stop")
    supervision.stop(part)
    try:
        yield
    finally:
        supervision.start(part)


def is_there(part: str) -> bool:
    """Whether it answers in its own protocol, and at once: what its start takes is not the suite's."""
    begun = time.monotonic()
    try:
        return parts.READY[part]() and time.monotonic() - begun < 1
    except Exception:  # whatever a driver raises means: it does not answer
        return False


def priced(visitor: Api, offering_id: str) -> str | None:
    response = visitor.get(f"/api/v1/store/offerings/{offering_id}")
    return response.json()["pricing"][0]["value"] if response.status_code == 200 else None


@pytest.fixture
def published(manager: Api, visitor: Api, draft: dict) -> dict:
    manager.post(f"/api/v1/offerings/{draft['id']}/publish")
    offering = manager.settled(draft["id"], seconds=PATIENCE)
    assert offering["lifecycle_status"] == "PUBLISHED"
    price = f"/api/v1/prices/{draft['pricing_ids'][0]}"
    eventually(lambda: not manager.get(price).json()["locked"])
    eventually(lambda: priced(visitor, draft["id"]))
    return offering


@pytest.mark.parametrize("part", ["redis", "mongodb", "elasticsearch", "camunda"])
def test_a_write_while_a_part_is_down_succeeds_and_arrives_later(part, manager, visitor, published):
    price = f"/api/v1/prices/{published['pricing_ids'][0]}"
    with without(part):
        response = manager.patch(price, json={"value": "1.23"})
        assert response.status_code == 200, response.text
    eventually(
        lambda: priced(visitor, published["id"]) == "1.23", seconds=PATIENCE, why=f"catch-up after {part}"
    )


@pytest.mark.parametrize("part", ["redis", "mongodb", "elasticsearch", "camunda"])
def test_a_publication_asked_for_while_a_part_is_down_has_one_honest_end(part, manager, visitor, draft):
    with without(part):
        response = manager.post(f"/api/v1/offerings/{draft['id']}/publish")
        assert response.status_code == 202, response.text
    offering = manager.settled(draft["id"], seconds=PATIENCE)
    publication = manager.publication(draft["id"])
    visible: Callable[[], bool] = lambda: priced(visitor, draft["id"]) is not None  # noqa: E731
    if offering["lifecycle_status"] == "PUBLISHED":
        eventually(visible, seconds=PATIENCE, why="published and not visible")
    else:
        assert (offering["lifecycle_status"], publication["state"]) == ("DRAFT", "FAILED")
        assert offering["status_reason"]
        assert not visible()
    price = f"/api/v1/prices/{draft['pricing_ids'][0]}"
    eventually(lambda: not manager.get(price).json()["locked"], seconds=PATIENCE, why="a hold leaked")


@pytest.mark.parametrize("part", ["mongodb", "elasticsearch"])
def test_reads_go_on_with_one_of_the_two_stores_down_and_say_so(part, visitor, published, unique):
    everything = {"mongodb": "/api/v1/store/offerings", "elasticsearch": "/api/v1/store/search"}[part]

    def is_found() -> bool:  # by Elasticsearch: it hears of it after MongoDB, which stands in while it starts
        answer = visitor.get("/api/v1/store/search", params={"q": unique}).json()
        return bool(answer["items"]) and not answer["degraded"]

    eventually(is_found, seconds=PATIENCE)
    with without(part):
        answer = visitor.get(everything, params={"limit": 5})
        assert answer.status_code == 200, answer.text
        assert answer.json()["items"]
        # Which generation is live is remembered for half a second: that long nobody misses MongoDB.
        eventually(lambda: visitor.get(everything, params={"limit": 5}).json()["degraded"], seconds=PATIENCE)
        assert visitor.get(f"/api/v1/store/offerings/{published['id']}").status_code == 200
        if part == "mongodb":
            found = visitor.get("/api/v1/store/search", params={"q": unique})
            assert found.status_code == 200
            assert [item["id"] for item in found.json()["items"]] == [published["id"]]
    eventually(
        lambda: not visitor.get("/api/v1/store/search", params={"q": unique}).json()["degraded"],
        seconds=PATIENCE,
        why="still degraded",
    )


@pytest.mark.parametrize(
    ("part", "service"),
    [
        ("mongodb", "store"),
        ("elasticsearch", "store"),
        ("postgres", "pricing"),
        ("redis", "pricing"),
        ("camunda", "offering"),
    ],
)
def test_a_service_says_at_once_that_a_part_is_gone_and_that_it_is_back(part, service):
    looks: dict[str, list[float]] = {"up": [], "down": []}

    def told() -> str:
        answer = fetched(f"{env.service_url(service)}/health/ready")
        status = answer.json()["parts"][part]["status"]
        looks[status].append(answer.elapsed.total_seconds())
        return status

    eventually(lambda: told() == "up", seconds=PATIENCE, why="it was not well before")
    with without(part):
        eventually(lambda: told() == "down", seconds=SOON)
        assert [told() for _ in range(2)] == ["down", "down"]
    eventually(lambda: is_there(part), seconds=PATIENCE, why="the part itself does not come back")
    eventually(lambda: told() == "up", seconds=SOON)
    assert max(map(min, looks.values())) < 2


def test_without_zipkin_writes_go_on_and_the_gap_is_said(manager, unique):
    log = paths.log_dir() / "pricing.log"
    before = log.stat().st_size
    took: list[float] = []

    def said(text: str) -> bool:
        """Since the test began; each look is after one more write, which leaves a span."""
        response = manager.post(
            "/api/v1/prices", json={"name": f"Fee {unique} {uuid7()}", "value": "1", "currency": "EUR"}
        )
        assert response.status_code == 201
        took.append(response.elapsed.total_seconds())
        with log.open("rb") as lines:
            lines.seek(before)
            return text.encode() in lines.read()

    with without("zipkin"):
        eventually(lambda: said("traces are not exported"), seconds=PATIENCE)
        assert median(took) < 2
    eventually(lambda: said("traces are exported again"), seconds=PATIENCE)
