"""Small TMF620 records for the tests; every argument beyond the name is a field of the record."""

from __future__ import annotations

from typing import Any


def characteristic(
    name: str, *values: Any, type: str = "string", unit: str = "", **more: Any
) -> dict[str, Any]:
    """A characteristic whose first value is the default one."""
    listed = [{"value": value, "isDefault": index == 0} for index, value in enumerate(values)]
    if unit:
        listed = [member | {"unitOfMeasure": unit} for member in listed]
    return {"name": name, "valueType": type, "productSpecCharacteristicValue": listed} | more


def specification(name: str, *characteristics: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "@type": "ProductSpecification",
        "name": name,
        "productSpecCharacteristic": list(characteristics),
    } | more


def offering(name: str, *pinned: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"@type": "ProductOffering", "name": name, "prodSpecCharValueUse": list(pinned)} | more


def price(name: str, value: Any = 10, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    return {
        "@type": "ProductOfferingPrice",
        "name": name,
        "priceType": "recurring",
        "recurringChargePeriodType": "monthly",
        "recurringChargePeriodLength": 1,
        "price": {"unit": currency, "value": value},
    } | more


def category(name: str, **more: Any) -> dict[str, Any]:
    return {"@type": "Category", "name": name} | more


def catalog(name: str, **more: Any) -> dict[str, Any]:
    return {"@type": "Catalog", "name": name} | more
