"""The documents of a collection as a stream sorted by id, to be joined with another."""

from __future__ import annotations

from collections.abc import Iterator

from catalog_services.store.stores import mongo
from catalog_services.store.stores.mongo import Document, collection

_PAGE = 1000


def by_id(
    kind: str, generation: str, fields: Document, where: Document | None = None
) -> Iterator[tuple[str, Document]]:
    """The documents of a collection in the order of their ids.

    Where hardly any is as ``where`` says the first answer comes when all are looked through: it is waited for.
    """
    documents = collection(mongo.scanning(), kind, generation)
    for document in documents.find(where, fields).sort("_id", 1).batch_size(_PAGE):
        yield document["_id"], document
