"""The search index, declared once; where its content comes from is ``projection/fields.py``.

The mapping is strict: what is not declared here is refused. The one part that grows is ``numbers``, governed by
``stores/elastic.py``: a field per characteristic and canonical unit. Only analysis that every cluster has is used;
the language work is done before (``language/``).
"""

from __future__ import annotations

from django.conf import settings
from django_elasticsearch_dsl import Document, fields
from elasticsearch.dsl import MetaField

MAX_FIELDS = 5000


def _words() -> fields.TextField:
    return fields.TextField(analyzer="whitespace")


def _stored() -> fields.KeywordField:
    return fields.KeywordField(index=False, doc_values=False)


class OfferingDocument(Document):
    """An entry of the store as it is searched. Hidden entries have ``id`` and ``visible`` only."""

    id = fields.KeywordField()
    visible = fields.BooleanField()
    hash = _stored()

    # What is answered: the rendered JSON, its ETag, and whether validity can change it.
    body = _stored()
    etag = _stored()
    timed = fields.BooleanField(index=False)

    # What is searched: folded words, and their stems.
    name_stems = _words()
    stems = _words()
    words = _words()

    # What is filtered by: folded ids and names; times in milliseconds since 1970.
    channels = fields.KeywordField()
    categories = fields.KeywordField()
    catalogs = fields.KeywordField()
    brands = fields.KeywordField()
    segments = fields.KeywordField()
    specifications = fields.KeywordField()
    terms = fields.KeywordField(ignore_above=1000)
    numbers = fields.ObjectField(properties={}, dynamic="strict")
    valid_from = fields.LongField()
    valid_to = fields.LongField()
    is_bundle = fields.BooleanField()
    prices = fields.NestedField(
        dynamic="strict",
        properties={
            "currency": fields.KeywordField(),
            "price_type": fields.KeywordField(),
            "period": fields.KeywordField(),
            "value": fields.DoubleField(),
            "valid_from": fields.LongField(),
            "valid_to": fields.LongField(),
        },
    )

    # What is sorted by.
    name = fields.KeywordField(ignore_above=1000)
    published_at = fields.LongField()

    # What is counted: as it is shown.
    facet = fields.ObjectField(
        dynamic="strict",
        properties={
            name: fields.KeywordField(ignore_above=1000)
            for name in ("channel", "category", "catalog", "brand", "segment", "characteristic")
        },
    )

    class Meta:
        dynamic = MetaField("strict")

    class Index:
        name = "offerings"  # a generation's own name replaces it
        settings = {"number_of_shards": 1, "mapping.total_fields.limit": MAX_FIELDS}


def create_index(client: object, name: str, *, write_alias: str) -> None:
    """Make the index of a generation, with its alias for writes.

    Raises ``elasticsearch.ApiError`` when there is one already.
    """
    index = OfferingDocument._index.clone(name=name)
    index.settings(
        number_of_replicas=settings.STORE_INDEX_REPLICAS,
        refresh_interval=settings.STORE_REFRESH_INTERVAL,
    )
    index.aliases(**{write_alias: {}})
    index.create(using=client)
