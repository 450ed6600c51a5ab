"""The child of ``latency``, with pricing's settings: changes prices at a steady rate, and says when each committed."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import django

django.setup()

from apps.core.actor import SYSTEM  # noqa: E402
from apps.outbox import wakeup  # noqa: E402
from catalog_services.pricing.actions.price_update import price_update  # noqa: E402

CLIENTS = 4


def main(rate: int, seconds: int, ids: list[str]) -> None:
    """Prints ``[[price id, value, committed (CLOCK_MONOTONIC seconds)], ...]``: values grow from 100."""

    def change(number: int) -> tuple[str, float, float]:
        id_ = ids[number % len(ids)]
        price_update(actor=SYSTEM, id=UUID(id_), fields={"value": Decimal(100 + number)})
        return id_, 100.0 + number, time.perf_counter()

    with ThreadPoolExecutor(CLIENTS) as clients:
        started, changes = time.perf_counter(), []
        for number in range(rate * seconds):
            time.sleep(max(0.0, started + number / rate - time.perf_counter()))
            changes.append(clients.submit(change, number))
        print(json.dumps([change.result() for change in changes]))
    wakeup.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
