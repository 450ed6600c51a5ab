from __future__ import annotations

from collections import Counter

import pytest

from apps.runtime import elsewhere
from config.env import BASE_DIR
from config.parts import PARTS
from config.services import ROLES, SERVICES, owner_of, subscribers

COPIES = 3
SECOND_CHECKOUT = 100
"""The offset that the README and an error message name."""
EPHEMERAL = 32_768
"""From here on Linux gives ports to outgoing connections."""


def test_no_two_processes_share_a_port_be_there_two_checkouts_and_the_tests_of_both():
    own = [found.port for found in (*SERVICES.values(), *PARTS.values())]
    copies = range(1, COPIES + 1)
    own += [s.metrics_port(role, number) for s in SERVICES.values() for role in ROLES for number in copies]
    offsets = [0, SECOND_CHECKOUT, elsewhere.OFFSET, elsewhere.OFFSET + SECOND_CHECKOUT]
    ports = [port + offset for port in own for offset in offsets]
    assert [port for port, times in Counter(ports).items() if times > 1] == []
    assert max(ports) < EPHEMERAL


def test_the_readme_says_where_metrics_are():
    gateway = SERVICES["gateway"]
    web, worker, relay = (gateway.metrics_port(role) for role in ROLES)
    told = (
        f"http://127.0.0.1:{web}/metrics and so on: {web - gateway.port:,} above a service's port (web), "
        f"{worker - web:,} more (worker), {relay - web:,} more (relay)"
    )
    assert told in (BASE_DIR / "README.md").read_text()


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/api/v1/prices", "pricing"),
        ("/api/v1/prices/0190/lock", "pricing"),
        ("/api/v1/pricing/schema", "pricing"),
        ("/api/v1/store/search", "store"),
        ("/api/v1/categories", "offering"),
        ("/api/v1/auth/login", "identity"),
        ("/.well-known/jwks.json", "identity"),
        ("/admin/", "identity"),
        ("/admin/login/", "identity"),
        ("/admin/pricing/static/admin/css/base.css", "pricing"),
        ("/admin/pricing", "pricing"),
        ("/api/v1/pricesfoo", None),
        ("/health", None),
        ("/", None),
        ("/api/v1/schema", None),
    ],
)
def test_every_path_has_the_owner_the_design_gives_it(path, owner):
    found = owner_of(path)
    assert (found.name if found else None) == owner


def test_every_subscription_is_to_a_topic_somebody_produces():
    topics = {s.topic for s in SERVICES.values() if s.topic}
    for service in SERVICES.values():
        assert {s.topic for s in service.subscriptions} <= topics


def test_a_narrowed_subscription_gets_its_types_only():
    topic = SERVICES["offering"].topic
    assert "pricing" in subscribers(topic, "catalog.offering.PublicationFailed.v1")
    assert "pricing" not in subscribers(topic, "catalog.offering.OfferingCreated.v1")


def test_who_hears_of_events_has_a_worker_and_who_tells_has_a_relay():
    for service in SERVICES.values():
        assert service.worker or not service.subscriptions
        assert service.relay == bool(service.topic)
