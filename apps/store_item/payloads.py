"""What the store takes from each event's ``data`` (the aggregate's REST v1 representation).

Anything else in it is left out. A payload that does not fit is refused with a reason, and stops no other event.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Value = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]
Ids = Annotated[list[str], BeforeValidator(lambda value: value or [])]


def _moment(value: object) -> str | None:
    if value is None or value == "":
        return None
    parsed = datetime.fromisoformat(str(value))
    if parsed.tzinfo is None:
        raise ValueError("has no time zone")
    return str(value)


def _amount(value: object) -> str:
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError("is not a number") from error
    if not amount.is_finite():
        raise ValueError("is not finite")
    return str(amount)


Moment = Annotated[str | None, BeforeValidator(_moment)]


class Payload(BaseModel):
    """What every component has; ids are the event's business."""

    model_config = ConfigDict(extra="ignore", str_max_length=100_000)

    name: Text = ""
    description: Text = ""


class AllowedValue(BaseModel):
    """One allowed value of a characteristic; a bare value is one, too."""

    value: Value
    is_default: bool = False


def _allowed(values: Any) -> Any:
    if not isinstance(values, list):
        return values or []
    return [value if isinstance(value, dict) else {"value": value} for value in values]


Allowed = Annotated[list[AllowedValue], BeforeValidator(_allowed)]


class Characteristic(Payload):
    value_type: Text = "string"
    unit_of_measure: Text = "None"
    values: Allowed = []


class UsedCharacteristic(BaseModel):
    """A characteristic as a specification uses it; no ``values`` means all of the characteristic's."""

    id: str
    values: Allowed = []
    default: Value | None = None
    configurable: bool | None = None
    min_cardinality: int | None = None
    max_cardinality: int | None = None


class Specification(Payload):
    brand: Text = ""
    product_number: Text = ""
    characteristics: list[UsedCharacteristic] = []


class Price(BaseModel):
    name: Text = ""
    value: Annotated[str, BeforeValidator(_amount)]
    currency: str
    unit: Text = ""
    price_type: Text = ""
    recurring_period: str | None = None
    recurring_period_length: int | None = None
    unit_of_measure: str | None = None
    tax_rate: Value | None = None
    tax_included: bool | None = None
    valid_from: Moment = None
    valid_to: Moment = None


class Member(BaseModel):
    """An offering inside a bundle."""

    id: str
    min: int | None = None
    max: int | None = None
    default: int | None = None


class PinnedValue(BaseModel):
    """The value that this offering has of a characteristic."""

    characteristic_id: str
    value: Value


class Offering(Payload):
    lifecycle_status: str
    specification_ids: Ids = []
    pricing_ids: Ids = []
    sales_channels: Ids = []
    category_ids: Ids = []
    catalog_ids: Ids = []
    market_segments: Ids = []
    is_bundle: bool = False
    bundled_offerings: list[Member] = []
    characteristic_values: list[PinnedValue] = []
    valid_from: Moment = None
    valid_to: Moment = None
    published_at: Moment = None
    retired_at: Moment = None
    external_id: str | None = None


class Category(Payload):
    parent_id: str | None = None


class Catalog(Payload):
    valid_from: Moment = None
    valid_to: Moment = None


class SynonymSet(BaseModel):
    """Words and phrases that find each other."""

    terms: list[Annotated[str, Field(max_length=200)]] = Field(max_length=100)


BY_KIND: dict[str, tuple[str, type[BaseModel]]] = {
    "Characteristic": ("characteristics", Characteristic),
    "Specification": ("specifications", Specification),
    "Price": ("prices", Price),
    "Offering": ("offerings", Offering),
    "Category": ("categories", Category),
    "Catalog": ("catalogs", Catalog),
    "SynonymSet": ("synonyms", SynonymSet),
}
"""Kind as in event types -> its collection and what is taken of it."""
