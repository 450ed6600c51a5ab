"""One round: what is new in the files goes to Elasticsearch in one batch, and then the positions are kept."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import structlog

from apps.runtime.log_shipper import NAME
from apps.runtime.log_shipper.data_stream import Away, DataStream
from apps.runtime.log_shipper.documents import document
from apps.runtime.log_shipper.files import Followed, Line
from apps.runtime.log_shipper.positions import Positions

log = structlog.get_logger(__name__)
BATCH_BYTES = 1_000_000
"""What a round reads, and one line more of each program at most."""
PREPARE_SECONDS = 600.0
"""So often old lines go: faster than they can fill a disk that has room for what is to be kept."""
REFUSALS_SECONDS = 60.0


class Shipper:
    """Sends the lines of the followed files, a batch at a time; nothing but that batch is in memory."""

    def __init__(self, followed: Followed, positions: Positions, stream: DataStream) -> None:
        self._followed = followed
        self._positions = positions
        self._stream = stream
        self._prepared: float | None = None
        self._refused = 0
        self._refusals_said = -REFUSALS_SECONDS

    def round(self) -> bool:
        """Send a batch; True when there may be more to send at once.

        Raises ``Away``: then nothing has moved, and the same lines are read again.
        """
        batch, more = self._read()
        try:
            self._prepare()
            if batch:
                self._send(batch)
        except Away:
            # It may come back empty.
            self._prepared = None
            raise
        self._say_refusals()
        return more

    def _read(self) -> tuple[list[Line], bool]:
        """The next batch, of each program as much; whether there is more than fits in."""
        unread = self._followed.unread()
        budget = BATCH_BYTES // max(len(unread), 1)
        batch: list[Line] = []
        more = False
        for program, files in unread.items():
            lines = list(self._followed.lines(program, files, budget=budget))
            more = more or sum(line.size for line in lines) >= budget
            batch += lines
        return batch, more

    def _prepare(self) -> None:
        if self._prepared is None or time.monotonic() - self._prepared > PREPARE_SECONDS:
            self._stream.prepare()
            self._prepared = time.monotonic()

    def _send(self, batch: list[Line]) -> None:
        now = datetime.now(UTC)
        made = [(line, document(line, now=now)) for line in batch]
        documents = [(line, text) for line, text in made if text]
        refused = self._stream.add([(line.id, text) for line, text in documents]) if documents else []
        # Of its own lines it says nothing: each would be one more.
        self._refused += sum(documents[place][0].program != NAME for place in refused)
        for line in batch:
            for key, offset in line.ends:
                self._positions.files[key].offset = offset
        self._positions.save()

    def _say_refusals(self) -> None:
        if self._refused and time.monotonic() - self._refusals_said >= REFUSALS_SECONDS:
            log.warning("Elasticsearch refused log lines", lines=self._refused)
            self._refused, self._refusals_said = 0, time.monotonic()
