"""What can be set of the sending of logs."""

from __future__ import annotations

from apps.runtime.log_shipper.data_stream import DataStream, Retention
from config import env


def is_on() -> bool:
    """``on`` or ``off``: whether `manage.py up` starts the log shipper, which sends all logs to Elasticsearch."""
    return env.env.bool("LOG_SHIPPING", default=True)


def keep_days() -> int:
    """Days that a log line can be found in Elasticsearch, at least 1; whole indexes go, each up to a day later."""
    return max(1, env.env.int("LOGS_KEEP_DAYS", default=7))


def keep_megabytes() -> int:
    """Megabytes of Elasticsearch's disks that log lines may take; the oldest go first, whichever limit comes first."""
    return max(1, env.env.int("LOGS_KEEP_MB", default=4096))


def stream() -> DataStream:
    """The logs in Elasticsearch, kept as it is set."""
    return DataStream(env.part_url("elasticsearch"), Retention(keep_days(), keep_megabytes()))
