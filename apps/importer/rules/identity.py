"""Who is who: the stable external id of every item."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any

from apps.importer.model import Kind
from apps.importer.rules import fields
from apps.importer.rules.base import rule

MAX_LENGTH = 200


@rule("external-id")
def external_id(kind: Kind, data: dict[str, Any]) -> tuple[str, str]:
    """An item's external id is its record's own id; a specification without one takes its product
    number; anything else takes its name (white space and case aside). So a renamed record without an
    id or product number is a new item.
    """
    own = fields.text(data, "id")
    if own:
        return _fit(own), ""
    product_number = fields.text(data, "productNumber") if kind is Kind.SPECIFICATION else ""
    if product_number:
        return _fit(product_number), f"It has no id; its product number {product_number} identifies it."
    return by_name(fields.required(data, "name")), "It has no id; its name identifies it."


def by_name(name: str) -> str:
    """The external id of something that only its name identifies."""
    return _fit(f"tmf620:name:{same(name)}")


def same(name: str) -> str:
    """Two names that give the same text here are the same name."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _fit(identifier: str) -> str:
    if len(identifier) <= MAX_LENGTH:
        return identifier
    digest = hashlib.sha256(identifier.encode()).hexdigest()[:16]
    return f"{identifier[: MAX_LENGTH - 17]}-{digest}"
