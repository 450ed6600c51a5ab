"""Which fields of a record have a counterpart in the suite."""

from __future__ import annotations

from typing import Any

from apps.importer.model import Kind
from apps.importer.rules.base import rule

_CARRIED: dict[Kind, str] = {
    Kind.SPECIFICATION: "description brand productNumber productSpecCharacteristic",
    Kind.PRICE: "priceType recurringChargePeriodType recurringChargePeriod recurringChargePeriodLength price "
    "percentage tax unitOfMeasure productOffering validFor",
    Kind.CATEGORY: "description parentId subCategory isRoot",
    Kind.CATALOG: "description category validFor",
    Kind.OFFERING: "description isBundle isSellable bundledProductOffering category channel marketSegment "
    "prodSpecCharValueUse productOfferingPrice productSpecification validFor",
}
_ALWAYS = "id href name lifecycleStatus @type @baseType @schemaLocation lastUpdate"
_EMPTY: tuple[object, ...] = (None, "", [], {})


@rule("not-carried")
def not_carried(kind: Kind, data: dict[str, Any]) -> tuple[list[str], str]:
    """Fields of a record that have no counterpart in the suite are left out."""
    known = {*_ALWAYS.split(), *_CARRIED[kind].split()}
    left = sorted(
        key for key, value in data.items() if key not in known and value not in _EMPTY and value is not False
    )
    return left, f"Left out: {', '.join(left)}." if left else ""
