"""What 1 % of events that are refused costs all others."""

from __future__ import annotations

from statistics import median

from apps.outbox import inbox, tasks
from apps.outbox.envelope import CloudEvent
from apps.outbox.receipts import settle
from apps.outbox.relay.claim import relay_once
from tests.benchmarks.measure import Figure, ratio
from tests.benchmarks.outbox.tables import drained

EVENTS, ROUNDS = 2_000, 5


def figures() -> list[Figure]:
    """Deliveries a second through relay, consumer and receipts, without and with 1 % that its handler refuses."""
    poisoned = 0.0

    def handler(event: CloudEvent) -> None:
        if int(event.subject[:4], 16) < poisoned * 0x10000:
            raise KeyError("name")

    inbox._handlers["catalog.pricing.PriceUpdated.v1"] = handler

    def chain() -> int:
        """A claim, and at once what a worker would do with each message, and the producer with its receipts."""
        taken: list[list[str]] = []
        relay_once(lambda _, envelopes: taken.append(envelopes))
        for envelopes in taken:
            readable, _ = tasks._read(envelopes)
            settle("store", inbox.consume(readable))
        return len(taken)

    rates: dict[float, list[float]] = {0.0: [], 0.01: []}
    for _ in range(ROUNDS):
        for share, own in rates.items():
            poisoned = share
            own.append(drained(EVENTS, chain))
    return [
        ratio("deliveries/s with 1 % poison, of those without", median(rates[0.01]), median(rates[0.0]), 0.95)
    ]
