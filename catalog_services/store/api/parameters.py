"""The query parameters of list and search, checked at the edge and turned into criteria."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Literal, Self

from django.http import HttpRequest
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from apps.core import clock
from apps.core.errors import ValidationFailed
from apps.store_item.validity import millis
from catalog_services.store.language import synonyms
from catalog_services.store.language.text import fold
from catalog_services.store.search import cursor as cursors
from catalog_services.store.search.criteria import Criteria, Prices, characteristics, refused
from catalog_services.store.search.vocabulary import Vocabulary

MAX_WINDOW = 10_000
"""As far as skip and limit reach together; a cursor goes on beyond."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:")
_PLUS_LOST = re.compile(r"(\d) (\d\d:?\d\d)$")


def _clean(value: str) -> str:
    """Refuses control characters (NUL above all) and what was not UTF-8."""
    if "\ufffd" in value or any(unicodedata.category(char) in {"Cc", "Cs"} for char in value):
        raise ValueError("Must be text without control characters, in UTF-8.")
    return value


def _moment(value: object) -> object:
    """Dates with times only (not seconds since 1970); a plus that was not encoded arrives as a blank."""
    if isinstance(value, str):
        if not _ISO.match(value):
            raise ValueError("Must be a date and time with a time zone, as in 2026-11-23T12:00:00Z.")
        return _PLUS_LOST.sub(r"\1+\2", value)
    return value


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean)]
Texts = Annotated[list[Text], Field(max_length=20)]
Amount = Annotated[Decimal, Field(ge=0, le=10**15, allow_inf_nan=False, examples=["19.90"])]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Currency = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$", examples=["EUR"])]


class ListParameters(Schema):
    """Filters and paging. The values of a repeated parameter are alternatives; different parameters add up."""

    channel: Texts = Field([], description="Sales channels, any of them.")
    category: Texts = Field([], description="Categories by id or name, with everything below them.")
    catalog: Texts = Field([], description="Catalogs by id or name.")
    brand: Texts = Field([], description="Brands of the specifications.")
    market_segment: Texts = Field([], description="Market segments.")
    specification: Texts = Field([], description="Specifications by id or name.")
    is_bundle: bool | None = Field(None, description="Only bundles, or only what is none.")
    min_price: Amount | None = Field(None, description="The lowest amount one of the valid prices may have.")
    max_price: Amount | None = Field(None, description="The highest.")
    currency: Currency | None = Field(None, description="ISO 4217; amounts are compared in it.")
    price_type: Literal["recurring", "one_time", "usage"] | None = Field(
        None, description="Of that same price."
    )
    period: Text | None = Field(None, description="The recurring period of that same price.")
    characteristic: Texts = Field(
        [],
        description="`Speed:100`, `Speed:100..500`, `Speed:..1 Gbps`, `Analytics:Basic`. A number without a unit is "
        "in the unit the characteristic is declared in. The same name twice means either.",
        examples=[["Speed:100..500"]],
    )
    at: Moment | None = Field(
        None, description="Show what is valid then (ISO 8601 with a time zone); default: now."
    )
    sort: Literal["name", "-name", "published_at", "-published_at"] = "name"
    skip: int = Field(0, ge=0, le=MAX_WINDOW)
    limit: int = Field(50, ge=1, le=200)
    cursor: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None, description="`next_cursor` of the page before; instead of skip, and as deep as you like."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.cursor is not None and self.skip:
            raise refused("skip", "Does not go together with cursor.")
        if self.skip + self.limit > MAX_WINDOW:
            raise refused("skip", f"skip and limit reach {MAX_WINDOW} together; use cursor to go on.")
        if self.min_price is not None and self.max_price is not None and self.min_price > self.max_price:
            raise refused("min_price", "Is above max_price.")
        return self

    def criteria(self, vocabulary: Vocabulary) -> Criteria:
        """The question in the store's terms. Raises ``ValidationFailed`` naming the parameter."""
        wanted: str = self.sort
        sort, after = (wanted, None) if self.cursor is None else cursors.decode(self.cursor, wanted)
        names = ("channel", "category", "catalog", "brand", "market_segment", "specification")
        given = {
            name: tuple(fold(v).strip() for v in values) for name in names if (values := getattr(self, name))
        }
        at = millis(self.at or clock.now())
        if "catalog" in given:
            given["catalog"] = vocabulary.catalogs_at(given["catalog"], at)
        return Criteria(
            at=at,
            prices=Prices(
                low=None if self.min_price is None else float(self.min_price),
                high=None if self.max_price is None else float(self.max_price),
                currency=self.currency and self.currency.upper(),
                price_type=self.price_type,
                period=self.period and fold(self.period).strip(),
            ),
            filters=tuple((_FIELDS[name], values) for name, values in given.items()),
            is_bundle=self.is_bundle,
            characteristics=characteristics(self.characteristic, vocabulary.units_of),
            sort=sort,
            skip=self.skip,
            limit=self.limit,
            after=after,
        )


_FIELDS = {
    "channel": "channels",
    "category": "categories",
    "catalog": "catalogs",
    "brand": "brands",
    "market_segment": "segments",
    "specification": "specifications",
}


class SearchParameters(ListParameters):
    """The list's, with a text to look for."""

    q: Annotated[str, Field(max_length=200), AfterValidator(_clean)] | None = Field(
        None,
        description="Words to look for; accents, endings, synonyms and small misspellings do not matter.",
    )
    sort: Literal["relevance", "name", "-name", "published_at", "-published_at", "price", "-price"] | None = (
        Field(  # type: ignore[assignment]
            None,
            description="Default: relevance with q, else name. By price: each offering by its lowest that counts (by "
            "the lowest of all that it has, whatever else is asked of a price but its currency, where the answer is "
            "`degraded`).",
        )
    )

    def criteria(self, vocabulary: Vocabulary) -> Criteria:
        asked = (self.q or "").strip()
        if self.sort is None or (self.sort == "relevance" and not asked):
            self.sort = "relevance" if asked else "name"
        criteria = super().criteria(vocabulary)
        return (
            replace(criteria, terms=tuple(synonyms.terms(asked, vocabulary.synonyms))) if asked else criteria
        )


class DetailParameters(Schema):
    at: Moment | None = Field(
        None, description="Show what is valid then (ISO 8601 with a time zone); default: now."
    )


def refuse_unknown(request: HttpRequest, declared: type[Schema]) -> None:
    """Raises ``ValidationFailed`` naming parameters that are not declared, or single ones given twice."""
    errors: dict[str, list[str]] = {}
    for name, values in request.GET.lists():
        field = declared.model_fields.get(name)
        if field is None:
            errors[name] = ["Unknown query parameter."]
        elif len(values) > 1 and not isinstance(field.default, list):
            errors[name] = ["Given more than once."]
    if errors:
        raise ValidationFailed("; ".join(f"{k}: {v[0]}" for k, v in errors.items()), errors=errors)
