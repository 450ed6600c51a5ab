"""``python -m apps.runtime.log_shipper.prepare``: the logs' template alone, where Logstash sends the lines."""

from __future__ import annotations

from apps.runtime.log_shipper import settings
from apps.runtime.log_shipper.data_stream import DataStream
from config import env


def main() -> None:
    DataStream(env.part_url("elasticsearch"), keep_days=settings.keep_days()).prepare()


if __name__ == "__main__":
    main()
