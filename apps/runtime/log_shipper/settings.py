"""What can be set of the sending of logs."""

from __future__ import annotations

from config import env


def is_on() -> bool:
    """``on`` or ``off``: whether `manage.py up` starts the log shipper, which sends all logs to Elasticsearch."""
    return env.env.bool("LOG_SHIPPING", default=True)


def keep_days() -> int:
    """Days that a log line can be found in Elasticsearch, at least 1; whole indexes go, each up to a day later."""
    return max(1, env.env.int("LOGS_KEEP_DAYS", default=7))
