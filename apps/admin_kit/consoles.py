"""The consoles of the parts, as a browser reaches them."""

from __future__ import annotations

from urllib.parse import urlencode

from config import env


def all_of_them() -> dict[str, str]:
    """Name -> URL."""
    found = {
        "Zipkin": _page("zipkin", "/zipkin/"),
        env.process_engine().title(): f"{_cockpit()}/",
        "Flower": _page("flower", "/"),
    }
    return {name: url for name, url in found.items() if url}


def traces_url(correlation_id: str) -> str:
    """Its traces in Zipkin, found by the correlation id that every span carries; empty where there is no Zipkin."""
    query = urlencode({"annotationQuery": f"correlation_id={correlation_id}", "lookback": "7d"})
    return _page("zipkin", f"/zipkin/?{query}")


def process_url(process_id: str) -> str:
    """A process in the engine's Cockpit."""
    return f"{_cockpit()}/#/process-instance/{process_id}/runtime"


def _page(part: str, path: str) -> str:
    return "" if env.part_is_absent(part) else f"{env.part_public_url(part)}{path}"


def _cockpit() -> str:
    return f"{env.part_public_url('camunda')}{env.cockpit_path()}default"
