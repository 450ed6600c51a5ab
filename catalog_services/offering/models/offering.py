from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from apps.core.models import Aggregate
from apps.core.searching import search_index
from apps.core.states import states_of
from catalog_services.offering.domain.lifecycle import DRAFT, RETIRED, STATUSES


def _ids() -> ArrayField[list[UUID], list[UUID]]:
    return ArrayField(models.UUIDField(), default=list, blank=True)


def _texts() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=100), default=list, blank=True)


class Offering(Aggregate):
    """An offering. References are lists of ids in the order given; the GIN indexes answer "who uses this?".

    No two have the same ``external_id``, but for retired ones: what was retired can be sold anew under its id.
    """

    external_id = models.CharField(max_length=200, null=True, blank=True, db_index=True)
    name = models.CharField(max_length=200, db_index=True)
    description = models.TextField(blank=True, default="")
    specification_ids = _ids()
    pricing_ids = _ids()
    category_ids = _ids()
    catalog_ids = _ids()
    sales_channels = _texts()
    market_segments = _texts()
    is_bundle = models.BooleanField(default=False)
    bundled_offerings = models.JSONField(default=list, blank=True)
    characteristic_values = models.JSONField(default=list, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    lifecycle_status = models.CharField(
        max_length=10, default=DRAFT, choices=states_of(STATUSES), db_index=True, editable=False
    )
    status_reason = models.TextField(blank=True, default="", editable=False)
    publication_id = models.UUIDField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = "offering"
        indexes = [
            GinIndex(fields=["specification_ids"], name="offering_by_specification"),
            GinIndex(fields=["pricing_ids"], name="offering_by_price"),
            GinIndex(fields=["category_ids"], name="offering_by_category"),
            GinIndex(fields=["catalog_ids"], name="offering_by_catalog"),
            GinIndex(fields=["bundled_offerings"], name="offering_by_member", opclasses=["jsonb_path_ops"]),
            search_index("name", "description", name="offering_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(lifecycle_status=RETIRED),
                name="offering_once_by_external_id",
            )
        ]

    def __str__(self) -> str:
        return self.name
