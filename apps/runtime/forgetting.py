"""What is too old, in every database and in the logs, at once."""

from __future__ import annotations

from apps.runtime import services, setup
from apps.runtime.errors import RuntimeFault
from apps.runtime.log_shipper import settings
from apps.runtime.log_shipper.data_stream import Away
from apps.runtime.report import say


class NotForgotten(RuntimeFault):
    """Something that is too old is still there; the text names it."""


def forget(*, dry_run: bool) -> None:
    """Have each service forget what is too old, then the logs; with ``dry_run`` only say how much that is. One that
    cannot does not keep the others from it. Raises ``NotForgotten``."""
    left = [service.name for service in services.with_database() if not _service(service.name, dry_run)]
    if not _logs(dry_run):
        left.append("logs")
    if left:
        raise NotForgotten(
            f"Could not be done: {', '.join(left)}. The reasons are above; run the command again."
        )


def _service(name: str, dry_run: bool) -> bool:
    say(name)
    return setup.shown(name, "retention", *(["--dry-run"] if dry_run else []))


def _logs(dry_run: bool) -> bool:
    stream = settings.stream()
    try:
        names = stream.old() if dry_run else stream.clear()
    except Away as trouble:
        say(f"logs\nElasticsearch does not take the question: {trouble}")
        return False
    verb = "would be forgotten" if dry_run else "forgotten"
    days = f"older than {settings.keep_days()} days (LOGS_KEEP_DAYS)"
    room = f"beyond {settings.keep_megabytes()} MB (LOGS_KEEP_MB)"
    say(f"logs\nindexes of log lines: {len(names)} {verb}, being {days} or {room}")
    return True
