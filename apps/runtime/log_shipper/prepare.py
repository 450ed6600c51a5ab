"""``python -m apps.runtime.log_shipper.prepare``: the logs' template alone, where Logstash sends the lines."""

from __future__ import annotations

from apps.runtime.log_shipper import settings


def main() -> None:
    settings.stream().prepare()


if __name__ == "__main__":
    main()
