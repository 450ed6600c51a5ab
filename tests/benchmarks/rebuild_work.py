"""The child of ``rebuild``: fills a scratch store, writes to it at a steady rate, and rebuilds it when told to."""

from __future__ import annotations

import sys
import threading
import time
from itertools import count

import django

from config.services import WRITE_SERVICES
from tests.benchmarks.synthetic import Catalog, offering

WRITES_PER_SECOND = 10


def main(offerings: int) -> None:
    """Says ``filled``, then ``rebuilt`` after each line that it reads; erases its stores at the end of input."""
    from catalog_services.store.rebuild.runner import rebuild
    from tests.benchmarks.store_catalog import erase

    stopping = threading.Event()
    writer = threading.Thread(target=_write, args=(offerings, stopping))
    source = Catalog(offerings)
    try:
        rebuild(source=source, services=WRITE_SERVICES, say=lambda *_: None)
        writer.start()
        print("filled", flush=True)
        for _ in sys.stdin:
            rebuild(source=source, services=WRITE_SERVICES, say=lambda *_: None)
            print("rebuilt", flush=True)
    finally:
        stopping.set()
        if writer.ident:
            writer.join()
        erase()


def _write(offerings: int, stopping: threading.Event) -> None:
    """New versions of one offering after the other, as the store's worker takes them in."""
    from catalog_services.store.projection import consume

    for number in count():
        if stopping.wait(1 / WRITES_PER_SECOND):
            return
        (receipt,) = consume([offering(number * 7 % offerings, 2 + int(time.time()))])
        assert receipt.outcome == "ack", receipt


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
