"""What an import made of its items, and a catalog to import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from apps.importer.model import Kind
from apps.importer.results import Outcome, Result, Results
from tests.apps.importer.records import category, characteristic, offering, price, specification

Bring = Callable[..., Results]


def outcomes(results: Results) -> Counter[Outcome]:
    return Counter(result.outcome for result in results.items)


def result_of(results: Results, kind: Kind, name: str) -> Result:
    (found,) = [r for r in results.items if r.item.kind is kind and r.item.name == name]
    return found


def small() -> dict[str, Any]:
    """A catalog of one offering."""
    return {
        "x_spec.json": specification("Fibre", characteristic("Speed", "1 Gbps"), productNumber="F-1"),
        "x_offering.json": offering(
            "Home", characteristic("Speed", "1 Gbps"),
            productSpecification={"id": "F-1"}, category=[{"name": "Net"}],
        ),
        "x_price.json": price("Home fee", 29.9),
        "x_category.json": category("Net"),
    }  # fmt: skip
