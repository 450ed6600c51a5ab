"""The index that lets a search look into the middle of words."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models.functions import Upper


def search_index(*fields: str, name: str) -> GinIndex:
    """Trigrams of ``fields`` as ``icontains`` compares them, for searches of the admin, the REST lists and forms.

    A search in one column without it reads the whole table. Its migration needs ``TrigramExtension`` before it.
    """
    return GinIndex(*(OpClass(Upper(field), name="gin_trgm_ops") for field in fields), name=name)
