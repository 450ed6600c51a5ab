"""The consoles of the parts, as a browser reaches them."""

from __future__ import annotations

from urllib.parse import urlencode

from config import env


def all_of_them() -> dict[str, str]:
    """Name -> URL."""
    return {
        "Zipkin": f"{env.part_public_url('zipkin')}/zipkin/",
        "Camunda": f"{env.part_public_url('camunda')}/camunda/app/cockpit/default/",
        "Flower": f"{env.part_public_url('flower')}/",
    }


def of(correlation_id: str) -> dict[str, str]:
    """Where one story can be read further: its traces in Zipkin, its processes in Cockpit."""
    query = urlencode({"annotationQuery": f"correlation_id={correlation_id}", "lookback": "7d"})
    return {
        "zipkin": f"{env.part_public_url('zipkin')}/zipkin/?{query}",
        "cockpit": f"{env.part_public_url('camunda')}/camunda/app/cockpit/default/#/process-instance/",
    }
