"""``python -m apps.runtime.log_shipper.prepare``: the logs' template alone, where Logstash sends the lines."""

from __future__ import annotations

from apps.runtime.log_shipper import settings
from apps.runtime.log_shipper.data_stream import Away


def main() -> None:
    try:
        settings.stream().prepare()
    except Away as trouble:
        raise SystemExit(f"Elasticsearch does not take the logs' template: {trouble}") from trouble


if __name__ == "__main__":
    main()
