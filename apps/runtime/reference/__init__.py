"""What can be set and what is published, told from the code."""

from apps.runtime.reference import events, settings

PAGES = {"settings.md": settings.page, "events.md": events.page}
