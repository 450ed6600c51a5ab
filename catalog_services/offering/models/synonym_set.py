from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.models import Aggregate
from catalog_services.offering.domain.synonym_set import MAX_LENGTH


class SynonymSet(Aggregate):
    """Words and phrases that find each other; the store applies them when it searches."""

    terms = ArrayField(models.CharField(max_length=MAX_LENGTH))

    class Meta:
        ordering = ["terms"]
        verbose_name = "synonym set"

    def __str__(self) -> str:
        return ", ".join(self.terms)
