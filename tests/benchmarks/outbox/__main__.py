"""The child of ``figures``: each part in turn, told as soon as it is measured."""

from __future__ import annotations

import django
from django.core.management import call_command

from tests.benchmarks.child import tell

django.setup()
call_command("migrate", verbosity=0)

from tests.benchmarks.outbox import poison, queue, relay, wake_up  # noqa: E402

for part in (wake_up, queue, poison, relay):  # what half a million rows leave to the disk comes last
    tell(part.figures())
