"""The rules of a catalog (TMF620 Catalog)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from apps.core.errors import collect
from apps.core.messages import Message
from catalog_services.offering.domain.validity import check_validity


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """A named collection of offerings, valid for a time."""

    name: str
    description: str = ""
    external_id: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def changed(self, fields: Mapping[str, Any]) -> Self:
        return replace(self, **fields)

    def checked(self) -> Self:
        """Normalised and valid. Raises ``ValidationFailed``."""
        tidy = replace(self, name=self.name.strip())
        collect(
            {} if tidy.name else {"name": [Message("May not be empty.")]},
            check_validity(tidy.valid_from, tidy.valid_to),
        )
        return tidy
