"""The cursor: where a page ended, signed so that nobody makes one up. Needs nothing kept on any server."""

from __future__ import annotations

from collections.abc import Sequence

from django.core import signing

from catalog_services.store.search.criteria import RELEVANCE, refused

_SALT = "catalog_services.store.cursor"


def encode(sort: str, values: Sequence[float | str]) -> str:
    """``values`` are the sort values of the last item shown, its id last. Compressed, so that a name of any script and
    length is within what the parameter takes."""
    return signing.dumps([sort, *values], salt=_SALT, compress=True)


def decode(cursor: str, sort: str) -> tuple[str, tuple[float | str, ...]]:
    """``(sort, values)``. Raises ``ValidationFailed`` for what we did not give out, or not for this ``sort``.

    A search by relevance that was begun while Elasticsearch was down goes on by name.
    """
    try:
        made_for, *values = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError, UnicodeError) as error:
        raise refused("cursor", "Is not one that this store gave out.") from error
    if made_for != sort and (made_for, sort) != ("name", RELEVANCE):
        raise refused("cursor", f"Belongs to a list sorted by {made_for}.")
    return made_for, tuple(values)
