"""What an offering is put together from: replicas of what others own, and this service's own rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.utils.formats import number_format

from apps.admin_kit import choices
from apps.references.choosing import replicas, with_unit
from catalog_services.offering.domain.lifecycle import RETIRED
from catalog_services.offering.models import Catalog, Category, Offering
from catalog_services.offering.references import CHARACTERISTIC, PRICE, SPECIFICATION

RECENT = 500


def _amount(row: Any) -> str:
    """A price with what it costs: ``Fibre 500 monthly: 39.90 EUR per month``."""
    data = row.data
    amount = number_format(data.get("value", ""))
    return f"{row.name}: {amount} {data.get('currency', '')} {data.get('unit', '')}".strip()


def _with_status(row: Offering) -> str:
    return f"{row.name} ({row.get_lifecycle_status_display().lower()})"


SPECIFICATIONS = choices.register(replicas(SPECIFICATION, "specification/specification"))
PRICES = choices.register(replicas(PRICE, "pricing/price", _amount))
CHARACTERISTICS = choices.register(replicas(CHARACTERISTIC, "characteristic/characteristic", with_unit))
CATEGORIES = choices.register(choices.Source("category", Category.objects.all, screen="offering/category"))
CATALOGS = choices.register(choices.Source("catalog", Catalog.objects.all, screen="offering/catalog"))
OFFERINGS = choices.register(
    choices.Source(
        "offering",
        Offering.objects.all,
        _with_status,
        screen="offering/offering",
        offered=lambda: Offering.objects.exclude(lifecycle_status=RETIRED),
    )
)


def words_in_use(field: str) -> Callable[[], list[str]]:
    """The words that recent offerings have in ``field``, the most frequent first."""

    def words() -> list[str]:
        recent = Offering.objects.order_by("-pk").values_list(field, flat=True)[:RECENT]
        return [word for word, _ in Counter(word for some in recent for word in some).most_common()]

    return words
