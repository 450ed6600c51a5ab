"""THE registry: what the suite consists of.

Every name, port, database, queue, URL prefix and subscription is said here once; settings, the
gateway, the relay, the runtime and the tests read it, and a test holds docker-compose.yml to it. Adding
an eighth service is a folder under ``catalog_services/``, one entry in ``SERVICES`` and its containers.

This module is pure data: it imports nothing of the suite and no framework.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

CHARACTERISTICS = "resource.characteristics.events"
SPECIFICATIONS = "resource.specifications.events"
PRICING = "commercial.pricing.events"
OFFERINGS = "product.offerings.events"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A service's wish to receive a topic; ``types`` narrows it to some event types (all when empty)."""

    topic: str
    types: frozenset[str] = frozenset()

    def wants(self, topic: str, event_type: str) -> bool:
        return topic == self.topic and (not self.types or event_type in self.types)


ROLES = ("web", "worker", "relay")
"""What the processes of a service do."""

SECTIONS = ("Catalog", "Building blocks", "Publishing", "Administration")
"""The groups of the admin's navigation, in their order."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A page of the admin's one navigation: the list of a model, or another page below its service's admin.

    ``path`` is ``<app label>/<model>`` below the service's admin path; ``icon`` the name of a Material Symbol;
    ``section`` one of ``SECTIONS``; ``api`` the REST collection that the one search asks, empty for none. A
    ``technical`` one is in the navigation of admins only.
    """

    path: str
    title: str
    icon: str
    section: str
    api: str = ""
    technical: bool = False

    @property
    def permission(self) -> str:
        """The Django permission that opens it."""
        label, _, model = self.path.partition("/")
        return f"{label}.view_{model}"


@dataclass(frozen=True, slots=True)
class Service:
    """One Django project under ``catalog_services/``.

    ``port`` is before PORT_OFFSET. ``prefixes`` are the URL paths the gateway sends here.
    ``api_root`` is where the service's own schema, docs, digest and ops endpoints live.
    """

    name: str
    port: int
    prefixes: tuple[str, ...] = ()
    database: bool = False
    worker: bool = False
    relay: bool = False
    topic: str = ""
    server: str = "wsgi"
    subscriptions: tuple[Subscription, ...] = ()
    screens: tuple[Screen, ...] = ()

    def metrics_port(self, role: str, number: int = 1) -> int:
        """Where the ``number``-th process of a role (one of ``ROLES``) tells its metrics, before PORT_OFFSET.

        A second checkout may stand a hundred ports further on, and the tests ten thousand: all of them are below those
        that the system gives to outgoing connections (from 32,768), of which one may be there before us.
        """
        return 4_000 + self.port + 1_000 * ROLES.index(role) + 10 * (number - 1)

    @property
    def module(self) -> str:
        return f"catalog_services.{self.name}"

    @property
    def settings_module(self) -> str:
        return f"{self.module}.settings"

    @property
    def admin_path(self) -> str:
        """The admin site's URL path below the gateway (identity owns the shared sign-in)."""
        return "/admin/" if self.name == "identity" else f"/admin/{self.name}/"

    @property
    def api_root(self) -> str:
        """``/api/v1/<service>``: schema, docs, digest and ops of this service."""
        return f"/api/v1/{self.name}"

    @property
    def subscribers(self) -> tuple[str, ...]:
        """The names of the services that want events of this one's topic."""
        return tuple(subscribers(self.topic))

    @property
    def events_queue(self) -> str:
        return f"{self.name}.events"

    @property
    def saga_queue(self) -> str:
        return f"{self.name}.saga"

    @property
    def jobs_queue(self) -> str:
        """Imports and exports."""
        return f"{self.name}.jobs"

    @property
    def queues(self) -> tuple[str, ...]:
        """All that its worker reads."""
        return (self.events_queue, self.saga_queue, self.jobs_queue)


SERVICES: dict[str, Service] = {
    service.name: service
    for service in (
        Service(name="gateway", port=8000, prefixes=("/",), server="asgi"),
        Service(
            name="identity",
            port=8001,
            prefixes=("/api/v1/auth/", "/api/v1/users", "/.well-known/jwks.json", "/admin/", "/ops/"),
            database=True,
            screens=(
                Screen("identity/user", "Users", "group", "Administration", api="/api/v1/users"),
                Screen("identity/signingkey", "Signing keys", "key", "Administration"),
            ),
        ),
        Service(
            name="characteristic",
            port=8002,
            prefixes=("/api/v1/characteristics",),
            database=True,
            worker=True,
            relay=True,
            topic=CHARACTERISTICS,
            screens=(
                Screen(
                    "characteristic/characteristic",
                    "Characteristics",
                    "tune",
                    "Building blocks",
                    api="/api/v1/characteristics",
                ),
            ),
        ),
        Service(
            name="specification",
            port=8003,
            prefixes=("/api/v1/specifications",),
            database=True,
            worker=True,
            relay=True,
            topic=SPECIFICATIONS,
            subscriptions=(Subscription(CHARACTERISTICS),),
            screens=(
                Screen(
                    "specification/specification",
                    "Specifications",
                    "lists",
                    "Building blocks",
                    api="/api/v1/specifications",
                ),
            ),
        ),
        Service(
            name="pricing",
            port=8004,
            prefixes=("/api/v1/prices",),
            database=True,
            worker=True,
            relay=True,
            topic=PRICING,
            subscriptions=(Subscription(OFFERINGS, frozenset({"catalog.offering.PublicationFailed.v1"})),),
            screens=(
                Screen("pricing/price", "Prices", "sell", "Building blocks", api="/api/v1/prices"),
                Screen("pricing/pricehold", "Price holds", "lock", "Publishing", technical=True),
                Screen(
                    "pricing/publicationfence", "Ended publications", "block", "Publishing", technical=True
                ),
            ),
        ),
        Service(
            name="offering",
            port=8005,
            prefixes=(
                "/api/v1/offerings",
                "/api/v1/publications",
                "/api/v1/scheduled-changes",
                "/api/v1/categories",
                "/api/v1/catalogs",
                "/api/v1/synonyms",
            ),
            database=True,
            worker=True,
            relay=True,
            topic=OFFERINGS,
            subscriptions=(
                Subscription(CHARACTERISTICS),
                Subscription(SPECIFICATIONS),
                Subscription(PRICING),
                Subscription(
                    OFFERINGS,
                    frozenset(
                        {
                            "catalog.offering.PublicationRequested.v1",
                            "catalog.offering.PublicationCancelled.v1",
                        }
                    ),
                ),
            ),
            screens=(
                Screen("offering/offering", "Offerings", "deployed_code", "Catalog", api="/api/v1/offerings"),
                Screen("offering/category", "Categories", "category", "Catalog", api="/api/v1/categories"),
                Screen("offering/catalog", "Catalogs", "menu_book", "Catalog", api="/api/v1/catalogs"),
                Screen(
                    "offering/synonymset",
                    "Search synonyms",
                    "manage_search",
                    "Catalog",
                    api="/api/v1/synonyms",
                ),
                Screen(
                    "offering/scheduledchange",
                    "Calendar",
                    "calendar_month",
                    "Publishing",
                    api="/api/v1/scheduled-changes",
                ),
                Screen(
                    "offering/publication",
                    "Publications",
                    "rocket_launch",
                    "Publishing",
                    api="/api/v1/publications",
                ),
            ),
        ),
        Service(
            name="store",
            port=8006,
            prefixes=("/api/v1/store/",),
            worker=True,
            subscriptions=(
                Subscription(CHARACTERISTICS),
                Subscription(SPECIFICATIONS),
                Subscription(PRICING),
                Subscription(OFFERINGS),
            ),
        ),
    )
}

WRITE_SERVICES: tuple[str, ...] = tuple(s.name for s in SERVICES.values() if s.relay)


def subscribers(topic: str, event_type: str = "") -> Iterator[str]:
    """Names of the services that want events of ``event_type`` (any, when empty) on ``topic``, in registry order."""
    for service in SERVICES.values():
        if any(s.wants(topic, event_type) if event_type else s.topic == topic for s in service.subscriptions):
            yield service.name


def owner_of(path: str) -> Service | None:
    """The service whose prefix is the longest match for a URL ``path``; None when the gateway keeps it.

    ``/admin/pricing/`` and ``/api/v1/pricing/`` (schema, docs, digest, ops) belong to pricing.
    """
    for stem, below, service in _stems():
        if path.startswith(below) or path == stem:
            return service
    return None


def is_page(path: str) -> bool:
    """Whether a URL path is a person's page: one is signed in there, chooses a language, and errors are pages."""
    return path.startswith(("/admin/", "/ops/")) or path in {"/admin", "/ops"}


def takes_files(path: str) -> bool:
    """Whether a URL path is a page that a file is sent to: the import of one of the admin's lists."""
    return path.startswith("/admin/") and path.endswith("/import/")


@cache
def _stems() -> tuple[tuple[str, str, Service], ...]:
    """Every prefix without and with its slash, and its service; the longest first."""
    found = [
        (prefix.rstrip("/"), service)
        for service in SERVICES.values()
        if service.name != "gateway"
        for prefix in (
            *service.prefixes,
            service.api_root,
            *((service.admin_path,) if service.database else ()),
        )
    ]
    found.sort(key=lambda pair: len(pair[0]), reverse=True)
    return tuple((stem, f"{stem}/", service) for stem, service in found)
