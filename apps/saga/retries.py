"""When a step is tried again. The engine counts and waits; this says how often and how long."""

from __future__ import annotations

import random

from django.conf import settings

BASE_SECONDS, CAP_SECONDS = 0.2, 2.0
"""The cap is what a step may still wait when the part it needs is back; how long a part may be away is the number of
tries (``SAGA_ATTEMPTS``)."""


def attempt_of(retries: int | None) -> int:
    """The number of this attempt, from 1, by the retries the engine has left (None: never failed yet)."""
    return 1 if retries is None else max(1, settings.SAGA_ATTEMPTS - retries + 1)


def after_failure(retries: int | None) -> tuple[int, float]:
    """Retries left, and seconds until the next: 0.2 s doubling up to 2 s, with a little jitter."""
    left = (settings.SAGA_ATTEMPTS if retries is None else retries) - 1
    delay = min(CAP_SECONDS, BASE_SECONDS * 2.0 ** min(attempt_of(retries) - 1, 16))
    return max(0, left), delay * random.uniform(0.8, 1.0)  # noqa: S311 (not for secrets)
