"""``python -m apps.runtime.log_shipper``: rounds without end, with growing pauses while Elasticsearch is away."""

from __future__ import annotations

import logging.config
import signal
import sys
import time
from contextlib import suppress

import structlog

from apps.observability.logging import configure
from apps.runtime import paths
from apps.runtime.log_shipper import NAME, settings
from apps.runtime.log_shipper.data_stream import Away
from apps.runtime.log_shipper.files import Followed
from apps.runtime.log_shipper.positions import Positions, positions_file
from apps.runtime.log_shipper.shipping import Shipper
from config.settings.observability import logging_config

log = structlog.get_logger(NAME)
LOOK_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0


def run(shipper: Shipper, positions: Positions) -> None:
    _note(positions, waits="")
    pause = 0.0
    while True:
        try:
            more = shipper.round()
        except (Away, OSError) as trouble:
            if not pause:
                _note(positions, waits=str(trouble))
                log.warning("logs wait", reason=str(trouble))
            pause = min(max(FIRST_PAUSE, 2 * pause), LONGEST_PAUSE)
            time.sleep(pause)
            continue
        if pause:
            _note(positions, waits="")
            log.info("logs are sent again")
            pause = 0.0
        if not more:
            time.sleep(LOOK_SECONDS)


def _note(positions: Positions, *, waits: str) -> None:
    positions.waits = waits
    with suppress(OSError):  # a full disk is what it waits for, maybe
        positions.save()


def main() -> None:
    configure()
    logging.config.dictConfig(logging_config(NAME))
    # What a request says of itself would be the next request.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    # Wherever it is: what was not kept yet is sent once more, and is the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    positions = Positions.load(positions_file())
    run(Shipper(Followed(paths.log_dir(), positions), positions, settings.stream()), positions)


if __name__ == "__main__":
    main()
