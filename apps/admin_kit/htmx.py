"""What pages that ask for their own parts again agree on with htmx."""

from __future__ import annotations

STOP_POLLING = 286
"""The status that says that asking again would show the same; htmx's own."""
