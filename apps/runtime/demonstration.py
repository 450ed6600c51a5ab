"""What the demo shows once a catalog is published: store searches chosen from what is there, URLs, logins."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from rich.table import Table

from apps.core import http
from apps.runtime import parts
from apps.runtime.report import console
from config import env

TIMEOUT = 15
SHOWN = 3


def search(**query: str) -> dict[str, Any]:
    """The public search, through the gateway."""
    url = f"{env.service_url('gateway')}/api/v1/store/search"
    answer = http.get(url, params=query, timeout=TIMEOUT)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def searches(everything: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """(what it shows, query) made from the whole catalog's answer and its facets."""
    yield "everything", {}
    words = sorted({w for item in everything["items"] for w in item["name"].split() if w.isalpha()}, key=len)
    if words:
        word = words[-1]
        yield f"the word “{word}”", {"q": word}
        typo = word[:2] + word[3:]
        yield f"with a typing error, “{typo}”", {"q": typo}
    facets = everything["facets"]
    for price in facets["price"][:1]:
        middle = f"{(price['min'] + price['max']) / 2:.2f}"
        yield f"at most {middle} {price['currency']}", {"max_price": middle, "currency": price["currency"]}
    for characteristic in facets["characteristic"][:1]:
        value = characteristic["values"][0]["value"]
        yield f"{characteristic['name']} = {value}", {"characteristic": f"{characteristic['name']}:{value}"}
    for category in facets["category"][:1]:
        yield f"category {category['name'] or category['value']}", {"category": category["value"]}


def show_searches() -> None:
    """Run the searches and print what each finds, and how fast."""
    table = Table("search", "found", "ms", "first", title="The store")
    for column in table.columns[1:3]:
        column.justify = "right"
    for title, query in searches(search(limit="200")):
        begun = time.perf_counter()
        found = search(**query)
        taken = (time.perf_counter() - begun) * 1000
        names = ", ".join(item["name"] for item in found["items"][:SHOWN])
        table.add_row(title, str(found["total"]), f"{taken:.0f}", names)
    console.print(table)


def addresses() -> Iterator[tuple[str, str, str]]:
    """(what, URL, login) of all that a person may open. A console that stands elsewhere has logins of its own, and one
    whose pages nobody has named is left out."""
    gateway = env.public_url()
    yield "Store search", f"{gateway}/api/v1/store/search?q=", "public"
    yield "API documentation", f"{gateway}/api/v1/docs", "public"
    yield "Admin", f"{gateway}/admin/", f"admin / {env.secret('ADMIN_PASSWORD')}"
    yield "", "", f"manager / {env.secret('MANAGER_PASSWORD')}"
    yield "", "", f"viewer / {env.secret('VIEWER_PASSWORD')}"
    ours = parts.embedded()
    consoles = (
        ("Cockpit (the sagas)", "camunda", env.cockpit_path(), f"camunda / {env.secret('CAMUNDA_PASSWORD')}"),
        ("Flower (the workers)", "flower", "/", f"flower / {env.secret('FLOWER_PASSWORD')}"),
        ("Zipkin (the traces)", "zipkin", "/zipkin/", "public"),
    )
    for what, part, path, login in consoles:
        if env.part_is_public(part):
            yield what, f"{env.part_public_url(part)}{path}", login if part in ours else "its own"
    yield "Health of everything", f"{gateway}/health/dependencies", "public"


def show_addresses() -> None:
    """Where to go, and with which login."""
    table = Table("what", "URL", "login", title="Open these")
    for row in addresses():
        table.add_row(*row)
    console.print(table)
