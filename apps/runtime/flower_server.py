"""``python -m apps.runtime.flower_server``: Flower, without the one page that it shows to everybody.

Its own metrics need no password there; the suite's processes tell theirs themselves.
"""

from __future__ import annotations

import sys

from celery.__main__ import main
from flower import urls
from flower.views.monitor import Metrics


def shut_metrics() -> None:
    """Before Flower's application is made of the list."""
    urls.handlers.remove(("/metrics", Metrics))


if __name__ == "__main__":
    shut_metrics()
    sys.argv = ["celery", "flower"]
    main()
