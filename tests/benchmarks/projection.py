"""What the projection costs: beside the very same documents written raw, by the same clients, in the same run.

Everything happens in a database and indexes of its own, which are gone afterwards, and in processes of its own, whose
memory is measured. ``python -m tests.benchmarks.projection 200000`` prints the figures for a catalog of that size.
"""

from __future__ import annotations

import json
import os
import sys
from statistics import median
from typing import Any

from tests.benchmarks.child import printed
from tests.benchmarks.measure import Figure, ratio

SMALL, OFFERINGS = 1_000, 10_000


def figures(offerings: int = OFFERINGS) -> list[Figure]:
    """A full rebuild, a price that a thousand offerings have, and events into a small and a large catalog."""
    small, large = _measured(SMALL), _measured(offerings)
    price, raw_price = median(large["price"]), median(large["raw_price"])
    rebuilt = ratio(
        f"rebuild of {offerings:,} offerings: documents/s of raw bulk writes'",
        large["documents"] / large["rebuild"],
        large["documents"] / large["raw_rebuild"],
        0.5,
    )
    changed = Figure(
        f"a price of 1,000 offerings, to both stores ({price:.2f} s of {raw_price:.2f} s)",
        price / raw_price,
        1.5,
        "of a raw bulk",
    )
    rate = ratio(
        f"events/s at {offerings:,} offerings of those at {SMALL:,}", large["events"], small["events"], 0.8
    )
    memory = Figure(
        f"peak memory of a rebuild, {offerings:,} offerings of {SMALL:,}",
        large["peak"] / small["peak"],
        1.2,
        "times",
    )
    return [rebuilt, changed, rate, memory]


def _measured(offerings: int) -> dict[str, Any]:
    scratch = f"bench-projection-{os.getpid()}"
    found: dict[str, Any] = {}
    for line in printed(
        "projection_work",
        "store",
        str(offerings),
        STORE_MONGODB_DATABASE=scratch,
        STORE_INDEX_PREFIX=scratch,
        OTEL_SDK_DISABLED="true",
    ):  # told before it cleans up, which takes the stand-in long
        found = json.loads(line)
        print(f"  {offerings:,} offerings: {found}", flush=True)
    return found


if __name__ == "__main__":
    for figure in figures(int(sys.argv[1])):
        print(f"{figure.name}: {figure.value:.2f} {figure.unit} (goal {figure.goal:g})")
