"""Every process of the running suite tells its metrics, and a publication is seen in them."""

from __future__ import annotations

import re

import httpx
import pytest

from config import env
from config.services import SERVICES
from tests.e2e.conftest import fetched
from tests.support.waiting import eventually


def told(service: str, role: str) -> str:
    """What a process tells; nothing while it starts."""
    port = SERVICES[service].metrics_port(role) + env.port_offset()
    try:
        return fetched(f"http://127.0.0.1:{port}/metrics").text
    except httpx.TransportError:
        return ""


def total(text: str, series: str) -> float:
    """The sum of all series of that name and labels (a regular expression)."""
    return sum(float(value) for value in re.findall(rf"^{series} (\S+)$", text, re.MULTILINE))


@pytest.mark.parametrize("service", [*SERVICES.values()], ids=lambda service: service.name)
def test_every_process_tells_its_metrics(service):
    roles = ["web", *(["worker"] if service.worker else []), *(["relay"] if service.relay else [])]
    for role in roles:
        eventually(lambda role=role: "catalog_" in told(service.name, role), why=f"{service.name} {role}")


def test_a_publication_is_counted_from_the_gateway_to_the_store(manager, draft):
    def counted() -> dict[str, float]:
        return {
            "asked": total(
                told("gateway", "web"),
                r'catalog_proxied_request_seconds_count\{service="offering",status="202"\}',
            ),
            "answered": total(
                told("offering", "web"),
                r'catalog_request_seconds_count\{method="POST",route="[^"]*publish",status="202"\}',
            ),
            "relayed": total(
                told("offering", "relay"), r'catalog_relay_delay_seconds_count\{subscriber="store"\}'
            ),
            "locked": total(
                told("pricing", "worker"),
                r'catalog_saga_step_seconds_count\{outcome="completed",step="lock-prices"\}',
            ),
            "task": total(
                told("pricing", "worker"),
                r'catalog_task_seconds_count\{state="SUCCESS",task="saga.execute"\}',
            ),
            "shown": total(
                told("store", "worker"), r'catalog_event_delay_seconds_count\{source="offering"\}'
            ),
            "acked": total(
                told("store", "worker"), r'catalog_events_total\{outcome="ack",source="offering"\}'
            ),
        }

    before = counted()
    assert manager.post(f"/api/v1/offerings/{draft['id']}/publish").status_code == 202
    assert manager.settled(draft["id"])["lifecycle_status"] == "PUBLISHED"
    eventually(
        lambda: all(now > before[name] for name, now in counted().items()), why="not all of it is counted"
    )
    assert total(told("gateway", "web"), r'catalog_breaker_open\{service="offering"\}') == 0
    assert (
        total(told("offering", "relay"), r'catalog_outbox_deliveries\{state="dead",subscriber="store"\}') == 0
    )
    assert 'catalog_queue_messages{queue="store.events"}' in told("store", "worker")
