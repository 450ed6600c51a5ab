"""Imports and exports of a list with 200,000 rows, beside the same rows written plainly and by the actions alone."""

from __future__ import annotations

from tests.benchmarks.admin import filled
from tests.benchmarks.admin_rows import SCREENS
from tests.benchmarks.child import measured
from tests.benchmarks.measure import Figure

SERVICE = "pricing"


def figures() -> list[Figure]:
    """Rows per second of an export in each format and of an import, and the memory that they need."""
    with filled(SERVICE, [screen for screen in SCREENS if screen.service == SERVICE]) as url:
        return measured(
            "exchange_work", SERVICE, **{f"{SERVICE.upper()}_DATABASE_URL": url}, OTEL_SDK_DISABLED="true"
        )


if __name__ == "__main__":
    figures()
