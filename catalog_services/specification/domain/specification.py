"""The rules of a specification (TMF620 ProductSpecification): what it is, and the characteristics it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from apps.core.errors import FieldErrors, collect
from apps.core.messages import Message
from catalog_services.specification.domain.choice import Choice

MAX_CHARACTERISTICS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """A specification as a person describes it, before or after the rules."""

    name: str
    description: str = ""
    brand: str = ""
    product_number: str = ""
    external_id: str | None = None
    characteristics: tuple[Choice, ...] = ()

    def changed(self, fields: Mapping[str, Any]) -> Self:
        """With ``fields`` taken over; ``characteristics`` are ``Choice`` objects here."""
        return replace(self, **fields)

    def checked(self) -> Self:
        """Normalised and valid. Raises ``ValidationFailed`` with every broken rule at its field.

        What its characteristics allow is checked where they are chosen (``choice``) and again at a publication,
        not here: a specification whose characteristic lost a value later can still get a new description.
        """
        tidy = replace(
            self,
            name=self.name.strip(),
            brand=self.brand.strip(),
            product_number=self.product_number.strip(),
        )
        collect(tidy._check())
        return tidy

    def _check(self) -> FieldErrors:
        errors: dict[str, list[str]] = {}
        if not self.name:
            errors["name"] = [Message("May not be empty.")]
        if not self.characteristics:
            errors["characteristics"] = [Message("At least one characteristic (or characteristic_ids).")]
        elif len(self.characteristics) > MAX_CHARACTERISTICS:
            errors["characteristics"] = [Message("At most {most} characteristics.", most=MAX_CHARACTERISTICS)]
        return errors
