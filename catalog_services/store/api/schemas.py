"""The shapes of answers, for the documentation; items are stored rendered and not built again per request."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class NamedCategory(Schema):
    id: str
    name: str
    path: str = Field(description="Names from the root down, separated by ' / '.")


class NamedCatalog(Schema):
    id: str
    name: str
    valid_from: str | None
    valid_to: str | None


class ItemCharacteristic(Schema):
    id: str
    name: str
    description: str
    value_type: str
    unit_of_measure: str
    value: str | None = Field(description="What this offering has: the pinned value, else the default.")
    pinned: bool
    values: list[str] = Field(description="Allowed values.")
    configurable: bool
    min_cardinality: int | None
    max_cardinality: int | None


class ItemSpecification(Schema):
    id: str
    name: str
    description: str
    brand: str
    product_number: str
    characteristics: list[ItemCharacteristic]


class ItemPrice(Schema):
    id: str
    name: str
    value: str = Field(description="A decimal number.", examples=["19.90"])
    currency: str
    unit: str
    price_type: str
    recurring_period: str | None
    recurring_period_length: int | None
    unit_of_measure: str | None
    tax_rate: str | None
    tax_included: bool | None
    valid_from: str | None
    valid_to: str | None


class ItemMember(Schema):
    id: str
    name: str
    min: int | None
    max: int | None
    default: int | None


class Item(Schema):
    """A published offering, whole."""

    id: str
    external_id: str | None
    name: str
    description: str
    lifecycle_status: str
    published_at: str | None
    valid_from: str | None
    valid_to: str | None
    sales_channels: list[str]
    market_segments: list[str]
    categories: list[NamedCategory]
    catalogs: list[NamedCatalog]
    specifications: list[ItemSpecification]
    pricing: list[ItemPrice]
    is_bundle: bool
    bundled_offerings: list[ItemMember]


class ItemList(Schema):
    total: int | None = Field(
        description="How many there are; null while MongoDB stands in for Elasticsearch."
    )
    items: list[Item]
    next_cursor: str | None
    degraded: bool = Field(description="True while one of the two stores is down and the other stands in.")


class Count(Schema):
    value: str
    name: str | None = None
    count: int


class CharacteristicCounts(Schema):
    name: str
    values: list[Count]


class PriceRange(Schema):
    currency: str
    min: float
    max: float
    count: int


class Facets(Schema):
    """Empty while Elasticsearch is down."""

    channel: list[Count] = []
    category: list[Count] = []
    catalog: list[Count] = []
    brand: list[Count] = []
    market_segment: list[Count] = []
    currency: list[Count] = []
    characteristic: list[CharacteristicCounts] = []
    price: list[PriceRange] = []


class SearchResult(ItemList):
    facets: Facets
    suggestions: list[str] = Field(description="What was probably meant, when a word is not known.")


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: dict[str, list[str]]
    correlation_id: str
