"""A job's file, kept in the database in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.exchange.formats import PIECE
from apps.exchange.models import FilePart, Job


def store(job: Job, pieces: Iterable[bytes]) -> int:
    """Keep a file in place of whatever there was; gives its size in bytes."""
    job.parts.all().delete()
    size = number = 0
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= PIECE:
            FilePart.objects.create(job=job, number=number, content=bytes(waiting[:PIECE]))
            del waiting[:PIECE]
            number, size = number + 1, size + PIECE
    if waiting:
        FilePart.objects.create(job=job, number=number, content=bytes(waiting))
    return size + len(waiting)


def pieces(job: Job) -> Iterator[bytes]:
    """The file, one piece in memory at a time."""
    for number in job.parts.values_list("number", flat=True):
        yield bytes(job.parts.get(number=number).content)


def content(job: Job) -> bytes:
    """The whole file: for one that came in, which has a limit."""
    return b"".join(pieces(job))
